import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { endToEndHeaders, flattenHeaders, framingOf, headerListOf, withoutHeaders } from "../headers.ts";

/** Maximum delay between a response and the detection of the end of the request's body, in milliseconds. */
const MAX_DETECTION_DELAY_MILLISECONDS = 250;

/** Error of a server that responded, or closed the connection, before the request's body was sent. */
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
  port: number,
  abort: AbortSignal,
): Promise<IncomingMessage> {
  const outgoing = startRequest(incoming, port, abort);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", (error) =>
      reject(outgoing.writableFinished ? error : new EarlyResponseError(error)),
    );
  });
  answered.catch(() => undefined);
  const sent = new Promise<undefined>((resolve) => outgoing.on("finish", () => resolve(undefined)));
  incoming.on("error", () => outgoing.destroy());
  incoming.on("close", () => incoming.complete || outgoing.destroy(new Error("the client is gone")));
  incoming.pipe(outgoing);
  const early = await Promise.race([sent, answered]);
  if (
    early !== undefined &&
    (await Promise.race([sent, sleep(MAX_DETECTION_DELAY_MILLISECONDS, early)])) !== undefined
  ) {
    // The response is discarded, and no more of the body is sent.
    early.on("error", () => undefined);
    early.pause();
    incoming.unpipe(outgoing);
    throw new EarlyResponseError();
  }
  return await answered;
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

/** Returns `X-Forwarded-For`, whose last address is the connecting one; those before come from the client. */
function forwardedFor({ headers, socket }: IncomingMessage): string {
  return [headers["x-forwarded-for"] ?? [], socket.remoteAddress ?? ""].flat().join(", ");
}
