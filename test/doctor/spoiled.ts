import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";
import { type Listening, listen } from "../../local-cloud/support/listen.ts";

/** A request that the proxy received. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A response. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** The defects of a proxy. Its functions receive complete bodies. */
export interface Spoil {
  /** Modifies a request. */
  readonly request?: (asked: Asked) => Asked;
  /** Returns a response without forwarding the request, or `"hang up"` to close the connection. */
  readonly instead?: (asked: Asked, self: string) => Answered | "hang up" | undefined;
  /** Modifies a response. */
  readonly answer?: (asked: Asked, answered: Answered, self: string) => Answered;
  /** Status returned for `Expect: 100-continue` instead of 100. */
  readonly expectation?: number;
}

/** A running proxy. */
export interface Front extends Listening {
  /** Received requests, in order. */
  readonly asked: readonly Asked[];
}

/** Starts a proxy with defects in front of the registry at `upstream`. */
export async function startFront(upstream: string, spoil: Spoil): Promise<Front> {
  const received: Asked[] = [];
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void serve(incoming, outgoing).catch(() => outgoing.destroy());
  };
  const server = createServer({ maxHeaderSize: 64 * 1024 }, listener);
  server.on("checkContinue", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (spoil.expectation === undefined) outgoing.writeContinue();
    else return outgoing.writeHead(spoil.expectation, { connection: "close" }).end();
    return listener(incoming, outgoing);
  });
  const listening = await listen(server);

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = incoming;
    const asked: Asked = { method, path: url, headers, body: await buffer(incoming) };
    received.push(asked);
    const instead = spoil.instead?.(asked, listening.url);
    if (instead === "hang up") return void outgoing.destroy();
    const answered = instead ?? (await forward(upstream, spoil.request?.(asked) ?? asked));
    const { status, headers: sent, body } = spoil.answer?.(asked, answered, listening.url) ?? answered;
    outgoing.writeHead(status, defined(sent)).end(method === "HEAD" ? undefined : body);
  }

  return { ...listening, asked: received };
}

async function forward(upstream: string, { method, path, headers, body }: Asked): Promise<Answered> {
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

function defined(headers: Answered["headers"]): Record<string, string | string[]> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "string" ? value : [...value]] as const],
  );
  return Object.fromEntries(entries);
}
