import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { endToEnd, flat, framingOf, listOf, without } from "../headers.ts";

/** How late the end of a body may be noticed after the answer to it. */
const RACE_MILLISECONDS = 250;

/** The server answered, or closed the connection, while its request's body was still on its way. */
export class EarlyAnswerError extends Error {
  constructor(cause?: unknown) {
    super("the function answered before it had read the request's body", { cause });
  }
}

/**
 * Half-duplex: the whole body goes to the server before the answer is looked at.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html
 * @throws EarlyAnswerError
 */
export async function exchange(
  incoming: IncomingMessage,
  port: number,
  abort: AbortSignal,
): Promise<IncomingMessage> {
  const outgoing = begin(incoming, port, abort);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", (error) => reject(outgoing.writableFinished ? error : new EarlyAnswerError(error)));
  });
  answered.catch(() => undefined);
  const sent = new Promise<undefined>((resolve) => outgoing.on("finish", () => resolve(undefined)));
  incoming.on("error", () => outgoing.destroy());
  incoming.on("close", () => incoming.complete || outgoing.destroy(new Error("the client is gone")));
  incoming.pipe(outgoing);
  const early = await Promise.race([sent, answered]);
  if (early !== undefined && (await Promise.race([sent, sleep(RACE_MILLISECONDS, early)])) !== undefined) {
    // Nobody reads the answer, and no more of the body is sent.
    early.on("error", () => undefined);
    early.pause();
    incoming.unpipe(outgoing);
    throw new EarlyAnswerError();
  }
  return await answered;
}

function begin(incoming: IncomingMessage, port: number, signal: AbortSignal): ClientRequest {
  const headers = without(endToEnd(listOf(incoming)), "content-length");
  return request({
    host: "127.0.0.1",
    port,
    method: incoming.method,
    path: incoming.url,
    headers: flat([...headers, ...framingOf(incoming), ["Connection", "close"]]),
    agent: false,
    signal,
  });
}
