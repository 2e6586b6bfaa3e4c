import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { type Duplex, Readable } from "node:stream";
import { OciError } from "../../oci/errors.ts";
import type { Body } from "../../ports/body.ts";
import { errorResponse } from "../errors.ts";
import { type App, BrokenBodyError, type HttpRequest, type HttpResponse } from "../message.ts";

/** A client that neither sends nor takes a byte for so long has gone. */
const IDLE_MILLISECONDS = 120_000;

/** Longer than the idle time-outs of the load balancers in front, so that they close first. */
const KEEP_ALIVE_MILLISECONDS = 130_000;

/** How long and how much is read on of a body that was refused: most clients read the answer only after sending. */
const LINGER_MILLISECONDS = 10_000;
const LINGER_BYTES = 256 * 1024 * 1024;

/** Requests that wait on one connection for the answers to those before them. Hardly a client sends more than one. */
const MAX_WAITING = 100;

/** A Node server that serves the application. There is no limit on how long a body takes, as long as it moves. */
export function createNodeServer(app: App): Server {
  const answering = new Answering();
  const listener: RequestListener = (incoming, outgoing) =>
    answering.inTurn(incoming.socket, outgoing, () => void serve(app, incoming, outgoing));
  // Node's own answers to these are not in the spec's form.
  const server = createServer({ requireHostHeader: false }, listener);
  server.on("checkExpectation", (_incoming, outgoing) =>
    refuse(outgoing, 417, "no such expectation can be met"),
  );
  server.on("clientError", (error, socket) =>
    answering.endMalformed(socket, () => refuseMalformed(error, socket)),
  );
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  server.setTimeout(IDLE_MILLISECONDS);
  return server;
}

/** The answers that are due on each connection. */
class Answering {
  readonly #answers = new WeakMap<Duplex, ServerResponse[]>();
  /** Connections of which nothing more is parsed. */
  readonly #malformed = new WeakSet<Duplex>();

  /**
   * Serves a request once those before it on the connection have been answered: each may build on what the last one did,
   * and who reads no answer shall not have many made. RFC 9112, section 9.3.2
   */
  inTurn(socket: Duplex, outgoing: ServerResponse, serve: () => void): void {
    const answers = this.#answers.get(socket) ?? [];
    this.#answers.set(socket, answers);
    const previous = answers.at(-1);
    answers.push(outgoing);
    outgoing.once("close", () => answers.splice(answers.indexOf(outgoing), 1));
    if (answers.length > MAX_WAITING) socket.destroy();
    if (previous === undefined) serve();
    else previous.once("close", () => (this.#isServed(socket, outgoing) ? serve() : undefined));
  }

  /**
   * Refuses what has just been received, once the requests before it have been answered: their answers must arrive whole.
   * Node reports each further segment of a malformed connection again.
   * @param refuse sends the refusal, and ends the connection
   */
  endMalformed(socket: Duplex, refuse: () => void): void {
    if (this.#malformed.has(socket)) return;
    this.#malformed.add(socket);
    const answers = this.#answers.get(socket) ?? [];
    const last = answers.findLast((outgoing) => outgoing.req.complete);
    if (last !== undefined) last.once("close", refuse);
    // A request whose own body is malformed can still be refused, unless its answer has begun.
    else if (answers.some((outgoing) => outgoing.headersSent)) socket.destroy();
    else refuse();
  }

  #isServed(socket: Duplex, outgoing: ServerResponse): boolean {
    return !socket.destroyed && (outgoing.req.complete || !this.#malformed.has(socket));
  }
}

async function serve(app: App, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (!hasOneHost(incoming)) return refuse(outgoing, 400, "a request must have exactly one Host header");
  const response = await app(toRequest(incoming));
  if (outgoing.destroyed) return await free(response.body);
  // An answer that ends before all promised bytes were sent is cut off, lest the next one be taken for the rest of it.
  outgoing.strictContentLength = true;
  try {
    outgoing.writeHead(response.status, { ...response.headers });
    if (incoming.complete) await send(response.body, outgoing);
    else await sendEarly(response.body, outgoing, incoming);
  } catch {
    // The client went away, or storage failed midway: the connection is closed before all promised bytes were sent,
    // which is how the client knows.
    outgoing.destroy();
    await free(response.body);
  }
}

/** RFC 9112, section 3.2 */
function hasOneHost({ headersDistinct, httpVersion }: IncomingMessage): boolean {
  const hosts = headersDistinct["host"]?.length ?? 0;
  return hosts === 1 || (hosts === 0 && httpVersion !== "1.1");
}

/** The absolute form of a target is that of proxies, which servers must take as well: RFC 9112, section 3.2.2. */
const ORIGIN = /^https?:\/\/[^/?]*/i;

function toRequest(incoming: IncomingMessage): HttpRequest {
  const { method = "GET", url = "/", headers } = incoming;
  const target = url.startsWith("/") ? url : url.replace(ORIGIN, "");
  const mark = target.indexOf("?");
  return {
    method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? "" : target.slice(mark + 1),
    headers: headers as HttpRequest["headers"],
    body: hasBody(incoming) ? bodyOf(incoming) : undefined,
    client: incoming.socket.remoteAddress,
  };
}

/** Whoever stops reading early leaves the connection alone, so that the answer can still be sent. */
async function* bodyOf(incoming: IncomingMessage): Body {
  try {
    yield* { [Symbol.asyncIterator]: () => incoming.iterator({ destroyOnReturn: false }) };
  } catch (error) {
    // MUST: "The `Content-Length` header MUST match the blob's actual content length."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#single-post
    throw new BrokenBodyError(error);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function isStream(body: HttpResponse["body"]): body is Body {
  return typeof body === "object" && Symbol.asyncIterator in body;
}

async function send(body: HttpResponse["body"], outgoing: ServerResponse): Promise<void> {
  if (isStream(body)) await sendChunks(body, outgoing);
  outgoing.end(isStream(body) ? undefined : body);
}

/** Asks for a chunk only when the one before has left, since its bytes may not be good for longer. */
async function sendChunks(body: Body, outgoing: ServerResponse): Promise<void> {
  for await (const chunk of body) await written(outgoing, chunk);
}

/** Node does not call back for what was on its way when the connection was closed. */
async function written(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const gone = () => reject(new Error("the client went away"));
    if (outgoing.destroyed) return gone();
    outgoing.once("close", gone);
    outgoing.write(chunk, (error) => {
      outgoing.off("close", gone);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Lets go of a body that nobody waits for any more. */
async function free(body: HttpResponse["body"]): Promise<void> {
  if (body instanceof Readable) body.destroy();
  else if (isStream(body)) await body[Symbol.asyncIterator]().return?.();
}

/**
 * Answers a request whose body has not been read to its end. Closing at once would reset the connection, and take the
 * answer from a client that is still sending, so the rest is read and forgotten first, within bounds.
 */
async function sendEarly(
  body: HttpResponse["body"],
  outgoing: ServerResponse,
  incoming: IncomingMessage,
): Promise<void> {
  if (isStream(body)) await sendChunks(body, outgoing);
  else if (body === undefined) outgoing.flushHeaders();
  else outgoing.write(body);
  await readOn(incoming);
  outgoing.end();
}

/** @throws Error when the rest is too long, or takes too long, after having closed the connection */
async function readOn(incoming: IncomingMessage): Promise<void> {
  const timer = setTimeout(() => incoming.destroy(), LINGER_MILLISECONDS);
  try {
    let rest = LINGER_BYTES;
    for await (const chunk of incoming) {
      rest -= chunk.length;
      if (rest < 0) throw new Error("the rest of the body is too long to be read");
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Answers in the spec's form what never reaches the application. */
function refuse(outgoing: ServerResponse, status: number, message: string): void {
  const { headers, body } = errorResponse(new OciError("UNSUPPORTED", { status, message }));
  outgoing.writeHead(status, { ...headers, connection: "close" }).end(body);
}

/** What Node's parser refuses never becomes a request, but is answered in the spec's form all the same. */
function refuseMalformed(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === "ECONNRESET") socket.destroy();
  // The answer before it was the last one, and ends the connection by itself.
  if (!socket.writable) return;
  const tooLarge = error.code === "HPE_HEADER_OVERFLOW";
  const { status, body } = errorResponse(
    new OciError("UNSUPPORTED", {
      status: tooLarge ? 431 : 400,
      message: tooLarge ? "the request's headers are too large" : "the request is not valid HTTP",
    }),
  );
  const phrase = tooLarge ? "Request Header Fields Too Large" : "Bad Request";
  const head = `HTTP/1.1 ${status} ${phrase}\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n`;
  socket.end(`${head}${body}`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS);
  socket.once("close", () => clearTimeout(timer));
}
