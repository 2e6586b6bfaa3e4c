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

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** What a front does to requests and answers. It gets whole bodies. */
export interface Spoil {
  /** Another request than was sent. */
  readonly request?: (asked: Asked) => Asked;
  /** An answer without asking the registry; `"hang up"` for none. */
  readonly instead?: (asked: Asked, self: string) => Answered | "hang up" | undefined;
  /** Another answer than was given. */
  readonly answer?: (asked: Asked, answered: Answered, self: string) => Answered;
  /** Answers `Expect: 100-continue` with this status, and not with 100. */
  readonly expectation?: number;
}

export interface Front extends Listening {
  /** The requests that came, in order. */
  readonly asked: readonly Asked[];
}

/** A front of the registry at `upstream`, which spoils something. */
export async function startFront(upstream: string, spoil: Spoil): Promise<Front> {
  const all: Asked[] = [];
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
    all.push(asked);
    const instead = spoil.instead?.(asked, listening.url);
    if (instead === "hang up") return void outgoing.destroy();
    const answered = instead ?? (await forward(upstream, spoil.request?.(asked) ?? asked));
    const { status, headers: sent, body } = spoil.answer?.(asked, answered, listening.url) ?? answered;
    outgoing.writeHead(status, defined(sent)).end(method === "HEAD" ? undefined : body);
  }

  return { ...listening, asked: all };
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
  if (response === undefined) throw new Error("there is no answer");
  const { connection: ____, "transfer-encoding": _____, ...passed } = response.headers;
  return { status: response.statusCode ?? 0, headers: passed, body: await buffer(response) };
}

function defined(headers: Answered["headers"]): Record<string, string | string[]> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "string" ? value : [...value]] as const],
  );
  return Object.fromEntries(entries);
}
