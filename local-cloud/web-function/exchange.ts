import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { endToEndHeaders, flattenHeaders, framingOf, headerListOf, withoutHeaders } from "../headers.ts";
import type { WebEnvironment } from "./environment.ts";

/** Maximum delay in milliseconds between a response and detecting the end of the request body. */
const MAX_DETECTION_DELAY_MILLISECONDS = 250;

/** Body size in bytes above which a request is an upload that may be cut off, so that configs and manifests are not. */
const UPLOAD_BYTES = 1_048_576;

/** Options for `exchange`. */
export interface ExchangeOptions {
  readonly abort: AbortSignal;
  /** Called once when part of a large body has been forwarded. */
  onUpload(): void;
}

/** The server responded, or closed the connection, before the request body had been sent. */
export class EarlyResponseError extends Error {
  constructor(cause?: unknown) {
    super("the function responded before it had read the request's body", { cause });
  }
}

/**
 * Forwards a request half-duplex: the response is read only after the whole body has been sent.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html
 * @throws EarlyResponseError
 */
export async function exchange(
  incoming: IncomingMessage,
  environment: WebEnvironment,
  { abort, onUpload }: ExchangeOptions,
): Promise<IncomingMessage> {
  const outgoing = startRequest(incoming, environment.port, abort);
  const responded = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", (error) =>
      reject(outgoing.writableFinished ? error : new EarlyResponseError(error)),
    );
  });
  responded.catch(() => undefined);
  const sent = new Promise<undefined>((resolve) => outgoing.on("finish", () => resolve(undefined)));
  incoming.on("error", () => outgoing.destroy());
  incoming.on("close", () => incoming.complete || outgoing.destroy(new Error("the client is gone")));
  incoming.pipe(outgoing);
  cutOnShutdown(incoming, outgoing, { environment, onUpload });
  const early = await Promise.race([sent, responded]);
  if (
    early !== undefined &&
    (await Promise.race([sent, sleep(MAX_DETECTION_DELAY_MILLISECONDS, early)])) !== undefined
  ) {
    // The response is discarded, and the rest of the body is not sent.
    early.on("error", () => undefined);
    early.pause();
    incoming.unpipe(outgoing);
    throw new EarlyResponseError();
  }
  return await responded;
}

/**
 * Stops forwarding a body when the environment is shut down, as if the client needed longer than the remaining second. The
 * request fails when the environment has exited.
 */
function cutOnShutdown(
  incoming: IncomingMessage,
  outgoing: ClientRequest,
  { environment, onUpload }: Pick<ExchangeOptions, "onUpload"> & { readonly environment: WebEnvironment },
): void {
  let forwarded = 0;
  incoming.on("data", (chunk: Buffer) => {
    const before = forwarded;
    forwarded += chunk.length;
    if (before < UPLOAD_BYTES && forwarded >= UPLOAD_BYTES) onUpload();
    if (!environment.isShuttingDown) return;
    incoming.unpipe(outgoing);
    incoming.pause();
  });
}

function startRequest(incoming: IncomingMessage, port: number, signal: AbortSignal): ClientRequest {
  const headers = withoutHeaders(
    endToEndHeaders(headerListOf(incoming)),
    "content-length",
    "x-forwarded-for",
  );
  return request({
    host: "127.0.0.1",
    port,
    method: incoming.method,
    path: incoming.url,
    headers: flattenHeaders([
      ...headers,
      ...framingOf(incoming),
      ["X-Forwarded-For", forwardedFor(incoming)],
      ["Connection", "close"],
    ]),
    agent: false,
    signal,
  });
}

/** Returns `X-Forwarded-For`. Its last address is the connection's peer; all earlier addresses come from the client. */
function forwardedFor({ headers, socket }: IncomingMessage): string {
  return [headers["x-forwarded-for"] ?? [], socket.remoteAddress ?? ""].flat().join(", ");
}
