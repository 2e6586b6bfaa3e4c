import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

/** A request to send. */
export interface SentRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A received response with its body as text. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request to a port on this machine, for tests. @returns the response */
export async function sendRequest(
  port: number,
  { method = "GET", path = "/", headers = {}, body }: SentRequest,
) {
  const outgoing = request({ host: "127.0.0.1", port, method, path, headers, agent: false });
  const responded: Promise<IncomingMessage[]> = once(outgoing, "response");
  outgoing.end(body);
  // A server may respond and close the connection before it has received the whole body.
  outgoing.on("error", () => undefined);
  const [response] = await responded;
  if (response === undefined) throw new Error("no response");
  const received: ReceivedResponse = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await text(response),
  };
  return received;
}
