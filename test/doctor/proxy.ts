import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";

/** A request that the proxy received. */
export interface ProxyRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A response. */
export interface ProxyResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** The defects of a proxy. Its functions receive complete bodies. */
export interface ProxyDefect {
  /** Modifies a request. */
  readonly modifyRequest?: (request: ProxyRequest) => ProxyRequest;
  /** Returns a response without forwarding the request, or `"hang up"` to close the connection. */
  readonly respond?: (request: ProxyRequest, self: string) => ProxyResponse | "hang up" | undefined;
  /** Modifies a response. */
  readonly modifyResponse?: (request: ProxyRequest, response: ProxyResponse, self: string) => ProxyResponse;
  /** Status returned for `Expect: 100-continue` instead of 100. */
  readonly expectStatus?: number;
}

/** A running proxy. */
export interface RunningProxy extends ListeningServer {
  /** Received requests, in order. */
  readonly requests: readonly ProxyRequest[];
}

/** Starts a proxy with defects in front of the registry at `upstream`. */
export async function startProxy(upstream: string, spoil: ProxyDefect): Promise<RunningProxy> {
  const received: ProxyRequest[] = [];
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void serve(incoming, outgoing).catch(() => outgoing.destroy());
  };
  const server = createServer({ maxHeaderSize: 64 * 1024 }, listener);
  server.on("checkContinue", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (spoil.expectStatus === undefined) outgoing.writeContinue();
    else return outgoing.writeHead(spoil.expectStatus, { connection: "close" }).end();
    return listener(incoming, outgoing);
  });
  const listening = await listen(server);

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = incoming;
    const request: ProxyRequest = { method, path: url, headers, body: await buffer(incoming) };
    received.push(request);
    const instead = spoil.respond?.(request, listening.url);
    if (instead === "hang up") return void outgoing.destroy();
    const response = instead ?? (await forward(upstream, spoil.modifyRequest?.(request) ?? request));
    const {
      status,
      headers: sent,
      body,
    } = spoil.modifyResponse?.(request, response, listening.url) ?? response;
    outgoing.writeHead(status, defined(sent)).end(method === "HEAD" ? undefined : body);
  }

  return { ...listening, requests: received };
}

async function forward(
  upstream: string,
  { method, path, headers, body }: ProxyRequest,
): Promise<ProxyResponse> {
  const { "transfer-encoding": _, expect: __, connection: ___, ...rest } = headers;
  const length =
    body.length > 0 || /^(POST|PUT|PATCH)$/.test(method) ? { "content-length": body.length } : {};
  const request = httpRequest(new URL(path, upstream), {
    method,
    headers: { ...rest, ...length },
    maxHeaderSize: 64 * 1024,
  });
  request.end(body);
  const [response]: IncomingMessage[] = await once(request, "response");
  if (response === undefined) throw new Error("no response");
  const { connection: ____, "transfer-encoding": _____, ...passed } = response.headers;
  return { status: response.statusCode ?? 0, headers: passed, body: await buffer(response) };
}

function defined(headers: ProxyResponse["headers"]): Record<string, string | string[]> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "string" ? value : [...value]] as const],
  );
  return Object.fromEntries(entries);
}
