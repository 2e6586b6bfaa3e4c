import { createHash } from "node:crypto";
import { once } from "node:events";
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

/** A server that says nothing for so long is broken; none of the requests here takes as long. */
const PATIENCE_MILLISECONDS = 120_000;

interface Body {
  readonly chunks: Iterable<Uint8Array>;
  /** Bytes; without it the body goes in chunked transfer encoding. */
  readonly length?: number;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body | undefined;
}

export interface Answer {
  /** What was asked, for messages. */
  readonly asked: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The server answered, but not what it should have. */
export class UnexpectedAnswerError extends Error {
  constructor({ asked, status, body }: Answer, wanted: string) {
    super(`${asked} answered ${status} instead of ${wanted}: ${body.subarray(0, 300)}`);
    this.name = "UnexpectedAnswerError";
  }
}

/** The connection ended before the answer did. */
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

/** Reads a body of any size, elsewhere if it is sent there, and keeps only its digest. @throws CutOffError */
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

/** A request whose body and answer are the caller's business. */
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
  // A server that refuses need not read all; what cuts the sending short comes out of `answered` as well.
  if (body === undefined) outgoing.end();
  else void pipeline(body.chunks, outgoing).catch(() => undefined);
  const [incoming] = await answered;
  if (incoming === undefined) throw new Error("no response");
  outgoing.on("error", () => undefined);
  return incoming;
}
