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
import type { App, HttpResponse } from "../message.ts";
import { NO_SNIFF_HEADERS } from "../middleware/no-sniff.ts";
import { Continuation } from "./continuation.ts";
import { hasOneHost, toRequest } from "./node-request.ts";

/** Idle timeout: a connection without progress in either direction for this time is closed. */
const IDLE_TIMEOUT_MILLISECONDS = 120_000;

/** Longer than the idle timeouts of load balancers in front of the server, so that they close connections first. */
const KEEP_ALIVE_TIMEOUT_MILLISECONDS = 130_000;

/** Limits for reading the rest of a rejected request's body: most clients read the response only after sending. */
const DRAIN_TIMEOUT_MILLISECONDS = 10_000;
const MAX_DRAINED_BYTES = 256 * 1024 * 1024;

/** Maximum number of pipelined requests that wait on one connection. Few clients send more than one. */
const MAX_QUEUED_REQUESTS = 100;

/** Creates a Node server that serves the application. The duration of a body is not limited while it makes progress. */
export function createNodeServer(app: App): Server {
  const responses = new ResponseQueue();
  const listener: RequestListener = (incoming, outgoing) =>
    responses.enqueue(incoming.socket, outgoing, () => void serve(app, incoming, outgoing));
  // Node's default responses to these are not in the spec's error format.
  const server = createServer({ requireHostHeader: false }, listener);
  // Without this listener, Node would send 100 Continue before the application has decided.
  server.on("checkContinue", listener);
  server.on("checkExpectation", (_incoming, outgoing) =>
    sendError(outgoing, 417, "unsupported expectation: send Expect: 100-continue, or no Expect header"),
  );
  server.on("clientError", (error, socket) =>
    responses.endMalformed(socket, () => sendMalformedError(error, socket)),
  );
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MILLISECONDS;
  server.setTimeout(IDLE_TIMEOUT_MILLISECONDS);
  return server;
}

/** The pending responses of each connection, in the order of the requests. */
class ResponseQueue {
  readonly #responses = new WeakMap<Duplex, ServerResponse[]>();
  /** Connections that Node no longer parses. */
  readonly #malformed = new WeakSet<Duplex>();

  /**
   * Serves a request after the responses to earlier requests on the connection have been sent: the request may depend on their
   * effects, and a client that does not read responses must not be able to queue up many of them.
   * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-9.3.2
   */
  enqueue(socket: Duplex, outgoing: ServerResponse, serve: () => void): void {
    const pending = this.#responses.get(socket) ?? [];
    this.#responses.set(socket, pending);
    const previous = pending.at(-1);
    pending.push(outgoing);
    outgoing.once("close", () => pending.splice(pending.indexOf(outgoing), 1));
    if (pending.length > MAX_QUEUED_REQUESTS) socket.destroy();
    if (previous === undefined) serve();
    else previous.once("close", () => (this.#isServed(socket, outgoing) ? serve() : undefined));
  }

  /**
   * Rejects malformed input after the responses to earlier requests on the connection have been sent completely. Node reports
   * each further segment of the connection again.
   * @param sendError sends the error and ends the connection
   */
  endMalformed(socket: Duplex, sendError: () => void): void {
    if (this.#malformed.has(socket)) return;
    this.#malformed.add(socket);
    const pending = this.#responses.get(socket) ?? [];
    const last = pending.findLast((outgoing) => outgoing.req.complete);
    if (last !== undefined) last.once("close", sendError);
    // A request whose own body is malformed can still be rejected, unless its response has started.
    else if (pending.some((outgoing) => outgoing.headersSent)) socket.destroy();
    else sendError();
  }

  #isServed(socket: Duplex, outgoing: ServerResponse): boolean {
    return !socket.destroyed && (outgoing.req.complete || !this.#malformed.has(socket));
  }
}

async function serve(app: App, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (!hasOneHost(incoming)) return sendError(outgoing, 400, "invalid request: send exactly one Host header");
  const response = await app(toRequest(incoming, new Continuation(incoming, outgoing)));
  if (outgoing.destroyed) return await releaseBody(response.body);
  // Otherwise, if a body were shorter than its Content-Length, clients would read the next response as the rest of it.
  outgoing.strictContentLength = true;
  try {
    outgoing.writeHead(response.status, { ...response.headers });
    if (incoming.complete) await send(response.body, outgoing);
    else await sendBeforeEndOfRequest(response.body, outgoing, incoming);
  } catch {
    // The client disconnected, or storage failed during the response. The connection is closed before Content-Length bytes
    // were sent, so that the client detects the failure.
    outgoing.destroy();
    await releaseBody(response.body);
  }
}

function isStream(body: HttpResponse["body"]): body is Body {
  return typeof body === "object" && Symbol.asyncIterator in body;
}

async function send(body: HttpResponse["body"], outgoing: ServerResponse): Promise<void> {
  if (isStream(body)) await sendChunks(body, outgoing);
  outgoing.end(isStream(body) ? undefined : body);
}

/** Requests each chunk only after the previous one has been written, since the body may then overwrite the previous chunk. */
async function sendChunks(body: Body, outgoing: ServerResponse): Promise<void> {
  for await (const chunk of body) await writeChunk(outgoing, chunk);
}

/** Writes a chunk. Node does not call back for writes that are pending when the connection is closed. */
async function writeChunk(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onClose = () => reject(new Error("connection closed by the client"));
    if (outgoing.destroyed) return onClose();
    outgoing.once("close", onClose);
    outgoing.write(chunk, (error) => {
      outgoing.off("close", onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Releases the resources of a body that will not be sent. */
async function releaseBody(body: HttpResponse["body"]): Promise<void> {
  if (body instanceof Readable) body.destroy();
  else if (isStream(body)) await body[Symbol.asyncIterator]().return?.();
}

/**
 * Sends the response to a request whose body has not been read completely. Closing the connection immediately would reset
 * it and lose the response for a client that is still sending, so the rest of the body is read and discarded, within bounds.
 */
async function sendBeforeEndOfRequest(
  body: HttpResponse["body"],
  outgoing: ServerResponse,
  incoming: IncomingMessage,
): Promise<void> {
  if (isStream(body)) await sendChunks(body, outgoing);
  else if (body === undefined) outgoing.flushHeaders();
  else outgoing.write(body);
  await drain(incoming);
  outgoing.end();
}

/** Reads and discards the rest of a body. @throws Error after closing the connection when a bound is exceeded */
async function drain(incoming: IncomingMessage): Promise<void> {
  const timer = setTimeout(() => incoming.destroy(), DRAIN_TIMEOUT_MILLISECONDS);
  try {
    let remaining = MAX_DRAINED_BYTES;
    for await (const chunk of incoming) {
      remaining -= chunk.length;
      if (remaining < 0) throw new Error("rest of the request body is too long");
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects a request before it reaches the application, in the spec's error format. */
function sendError(outgoing: ServerResponse, status: number, message: string): void {
  const { headers, body } = errorResponse(new OciError("UNSUPPORTED", { status, message }));
  outgoing.writeHead(status, { ...headers, ...NO_SNIFF_HEADERS, connection: "close" }).end(body);
}

/** A response to input that is not a request. */
interface Rejection {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

const MALFORMED: Rejection = { status: 400, reason: "Bad Request", message: "malformed HTTP request" };

/** Rejections by the code of Node's error. */
const REJECTIONS: ReadonlyMap<string | undefined, Rejection> = new Map([
  [
    "HPE_HEADER_OVERFLOW",
    { status: 431, reason: "Request Header Fields Too Large", message: "request headers too large" },
  ],
  [
    "ERR_HTTP_REQUEST_TIMEOUT",
    { status: 408, reason: "Request Timeout", message: "request headers incomplete: send them again" },
  ],
]);

/** Rejects input that Node cannot parse as a request, in the spec's error format. */
function sendMalformedError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === "ECONNRESET") socket.destroy();
  // The previous response was the last one and ends the connection.
  if (!socket.writable) return;
  const { status, reason, message } = REJECTIONS.get(error.code) ?? MALFORMED;
  const { body } = errorResponse(new OciError("UNSUPPORTED", { status, message }));
  const head = `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n`;
  socket.end(`${head}${body}`);
  const timer = setTimeout(() => socket.destroy(), DRAIN_TIMEOUT_MILLISECONDS);
  socket.once("close", () => clearTimeout(timer));
}
