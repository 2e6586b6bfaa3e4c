import { createHash } from "node:crypto";
import { once } from "node:events";
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

/** Timeout without progress: no request of these suites takes as long. */
const PATIENCE_MILLISECONDS = 120_000;

interface Body {
  readonly chunks: Iterable<Uint8Array>;
  /** Length in bytes; without it the body is sent with chunked transfer encoding. */
  readonly length?: number;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body | undefined;
}

export interface Answer {
  /** Description of the request, for messages. */
  readonly asked: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The server sent an unexpected response. */
export class UnexpectedAnswerError extends Error {
  constructor({ asked, status, body }: Answer, wanted: string) {
    super(`${asked} answered ${status} instead of ${wanted}: ${body.subarray(0, 300)}`);
    this.name = "UnexpectedAnswerError";
  }
}

/** The connection ended before the response was complete. */
export class CutOffError extends Error {
  constructor(asked: string, cause: unknown) {
    super(`${asked} got no whole answer`, { cause });
    this.name = "CutOffError";
  }
}

/** @throws UnexpectedAnswerError */
export function requireStatus(answer: Answer, ...statuses: readonly number[]): Answer {
  if (statuses.includes(answer.status)) return answer;
  throw new UnexpectedAnswerError(answer, statuses.join(" or "));
}

/** @throws CutOffError */
export async function call(url: string, options: Call = {}): Promise<Answer> {
  const asked = `${options.method ?? "GET"} ${new URL(url).pathname}`;
  const outgoing = begin(url, options);
  try {
    const incoming = await answerTo(outgoing, options.body);
    const body = await buffer(incoming);
    return { asked, status: incoming.statusCode ?? 0, headers: incoming.headers, body };
  } catch (cause) {
    throw new CutOffError(asked, cause);
  } finally {
    if (!outgoing.writableFinished) outgoing.destroy();
  }
}

export interface Download {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** Reads a body of any size, following redirects, and keeps only its digest. @throws CutOffError */
export async function download(url: string, headers: Call["headers"] = {}): Promise<Download> {
  try {
    const incoming = await answerTo(begin(url, { headers }), undefined);
    if (incoming.statusCode === 307 && incoming.headers.location !== undefined) {
      incoming.resume();
      return await download(new URL(incoming.headers.location, url).href, headers);
    }
    return { status: incoming.statusCode ?? 0, headers: incoming.headers, ...(await digestOf(incoming)) };
  } catch (cause) {
    throw new CutOffError(`GET ${new URL(url).pathname}`, cause);
  }
}

async function digestOf(incoming: IncomingMessage): Promise<Pick<Download, "digest" | "size">> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of incoming) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

/** Sends a request whose body and response the caller handles. */
export function begin(url: string, { method = "GET", headers = {}, body }: Call): ClientRequest {
  const framing = body?.length === undefined ? {} : { "content-length": String(body.length) };
  const outgoing = request(url, { method, headers: { ...framing, ...headers } });
  outgoing.setTimeout(PATIENCE_MILLISECONDS, () =>
    outgoing.destroy(new Error(`no answer: ${method} ${url}`)),
  );
  return outgoing;
}

async function answerTo(outgoing: ClientRequest, body: Body | undefined): Promise<IncomingMessage> {
  const answered: Promise<IncomingMessage[]> = once(outgoing, "response");
  // A server that rejects a request need not read all of it; an error of the request is also thrown by `answered`.
  if (body === undefined) outgoing.end();
  else void pipeline(body.chunks, outgoing).catch(() => undefined);
  const [incoming] = await answered;
  if (incoming === undefined) throw new Error("no response");
  outgoing.on("error", () => undefined);
  return incoming;
}
