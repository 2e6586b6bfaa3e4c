import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { forward, relayResponse } from "../../local-cloud/support/forward.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";

/** Request and response as the proxy observed them. */
export interface Witnessed {
  readonly method: string;
  readonly path: string;
  /** Status; undefined when the connection was closed before the response. */
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Body of an error response. */
  readonly body: string;
  /** Whether the complete response was sent. */
  readonly isWhole: boolean;
  readonly milliseconds: number;
}

/**
 * Starts a proxy that distributes requests over servers in turn, without affinity: two requests of one client or upload
 * reach the same server only by chance.
 * @param targets returns the servers, called for every request
 */
export async function startRoundRobin(
  targets: () => readonly string[],
  witness: (request: Witnessed) => void = () => undefined,
): Promise<ListeningServer> {
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const now = targets();
    const target = now[turn++ % now.length] ?? "";
    void serve(incoming, outgoing, target).then(witness);
  });
  return await listen(server);
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
): Promise<Witnessed> {
  const begun = performance.now();
  const { method = "", url: path = "" } = incoming;
  const seen = (more: Pick<Witnessed, "status" | "headers" | "body" | "isWhole">) => {
    return { method, path, milliseconds: performance.now() - begun, ...more };
  };
  try {
    const response = await forward(incoming, target);
    const { statusCode: status, headers } = response;
    const chunks: Buffer[] = [];
    if ((status ?? 0) >= 400) response.on("data", (chunk: Buffer) => chunks.push(chunk));
    const isWhole = await relayResponse(response, outgoing);
    return seen({ status, headers, body: Buffer.concat(chunks).toString(), isWhole });
  } catch {
    outgoing.destroy();
    return seen({ status: undefined, headers: {}, body: "", isWhole: false });
  }
}
