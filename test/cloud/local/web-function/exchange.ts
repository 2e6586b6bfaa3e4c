import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { endToEnd, flat, framingOf, listOf, without } from "../headers.ts";

/** How late the end of a body may be noticed after the answer to it. */
const RACE_MILLISECONDS = 250;

/** The server answered while its request's body was still on its way. */
export class EarlyAnswerError extends Error {}

/**
 * Half-duplex: the whole body goes to the server before the answer is looked at.
 * @throws EarlyAnswerError
 */
export async function exchange(incoming: IncomingMessage, port: number, abort: AbortSignal) {
  const outgoing = begin(incoming, port, abort);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
  });
  answered.catch(() => undefined);
  const sent = new Promise<void>((resolve) => outgoing.on("finish", resolve));
  incoming.on("error", () => outgoing.destroy());
  incoming.on("close", () => incoming.complete || outgoing.destroy(new Error("the client is gone")));
  incoming.pipe(outgoing);
  const first = await Promise.race([sent, answered]);
  if (first !== undefined) {
    const isLate = Symbol("late");
    const next = await Promise.race([sent, sleep(RACE_MILLISECONDS, isLate)]);
    if (next === isLate) {
      // Nobody reads the answer, and so the server in the end cannot be reached any more.
      incoming.unpipe(outgoing);
      first.pause();
      throw new EarlyAnswerError("the function answered before it had read the request's body");
    }
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
