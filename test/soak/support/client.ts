import { createHash } from "node:crypto";
import { once } from "node:events";
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

/** Idle time after which a request fails; a working server sends or receives data earlier in every test. */
const IDLE_TIMEOUT_MILLISECONDS = 120_000;

interface Body {
  readonly chunks: Iterable<Uint8Array>;
  /** Length in bytes; without it the body is sent in chunked transfer encoding. */
  readonly length?: number;
}

/** Parts of a request besides its URL. */
export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body | undefined;
}

/** A complete response. */
export interface HttpResponse {
  /** Method and path of the request, for messages. */
  readonly requestLine: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Error for a complete response with an unexpected status. */
export class UnexpectedStatusError extends Error {
  constructor({ requestLine, status, body }: HttpResponse, expected: string) {
    super(`${requestLine} returned ${status} instead of ${expected}: ${body.subarray(0, 300)}`);
    this.name = "UnexpectedResponseError";
  }
}

/** Error for a connection that ended before a complete response. */
export class IncompleteResponseError extends Error {
  constructor(requestLine: string, cause: unknown) {
    super(`${requestLine} got no complete response`, { cause });
    this.name = "CutOffError";
  }
}

/** Returns the response. @throws UnexpectedResponseError when its status is none of the expected ones */
export function requireStatus(response: HttpResponse, ...statuses: readonly number[]): HttpResponse {
  if (statuses.includes(response.status)) return response;
  throw new UnexpectedStatusError(response, statuses.join(" or "));
}

/** Sends a request and reads the complete response. @throws CutOffError when the connection ends earlier */
export async function sendRequest(url: string, options: RequestOptions = {}): Promise<HttpResponse> {
  const requestLine = `${options.method ?? "GET"} ${new URL(url).pathname}`;
  const outgoing = createRequest(url, options);
  try {
    const incoming = await send(outgoing, options.body);
    const body = await buffer(incoming);
    return { requestLine, status: incoming.statusCode ?? 0, headers: incoming.headers, body };
  } catch (cause) {
    throw new IncompleteResponseError(requestLine, cause);
  } finally {
    if (!outgoing.writableFinished) outgoing.destroy();
  }
}

/** Response of a download, with the digest in place of the body. */
export interface Download {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly digest: string;
  /** Size of the body in bytes. */
  readonly size: number;
}

/** Downloads a body of any size, follows redirects, and keeps only the digest. @throws CutOffError */
export async function download(url: string, headers: RequestOptions["headers"] = {}): Promise<Download> {
  try {
    const incoming = await send(createRequest(url, { headers }), undefined);
    if (incoming.statusCode === 307 && incoming.headers.location !== undefined) {
      incoming.resume();
      return await download(new URL(incoming.headers.location, url).href, headers);
    }
    return { status: incoming.statusCode ?? 0, headers: incoming.headers, ...(await hashBody(incoming)) };
  } catch (cause) {
    throw new IncompleteResponseError(`GET ${new URL(url).pathname}`, cause);
  }
}

async function hashBody(incoming: IncomingMessage): Promise<Pick<Download, "digest" | "size">> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of incoming) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

/** Creates a request. The caller sends its body and reads its response. */
export function createRequest(
  url: string,
  { method = "GET", headers = {}, body }: RequestOptions,
): ClientRequest {
  const framing = body?.length === undefined ? {} : { "content-length": String(body.length) };
  const outgoing = request(url, { method, headers: { ...framing, ...headers } });
  outgoing.setTimeout(IDLE_TIMEOUT_MILLISECONDS, () =>
    outgoing.destroy(new Error(`idle timeout: ${method} ${url}`)),
  );
  return outgoing;
}

async function send(outgoing: ClientRequest, body: Body | undefined): Promise<IncomingMessage> {
  const response: Promise<IncomingMessage[]> = once(outgoing, "response");
  // A server that rejects the request may close early; an error of the upload also rejects `response`.
  if (body === undefined) outgoing.end();
  else void pipeline(body.chunks, outgoing).catch(() => undefined);
  const [incoming] = await response;
  if (incoming === undefined) throw new Error("no response");
  outgoing.on("error", () => undefined);
  return incoming;
}
