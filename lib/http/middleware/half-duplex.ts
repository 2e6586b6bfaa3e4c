import type { App } from "../message.ts";

/** How long is read on of a body that was refused: longer than most take, and not as long as strangers like. */
const LINGER_MILLISECONDS = 120_000;

/**
 * For a home that forwards no byte of an answer before it has forwarded the whole request: answers only once the body
 * has been read to its end, whether or not the application wanted all of it.
 * @param linger for how long at most it is read on once there is an answer, in milliseconds
 */
export function withWholeBodyFirst(app: App, linger = LINGER_MILLISECONDS): App {
  return async (request) => {
    if (request.body === undefined) return await app(request);
    const iterator = request.body[Symbol.asyncIterator]();
    // Without a `return`, so that whoever stops reading early leaves the rest to be read here.
    const body = { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
    const response = await app({ ...request, body });
    await readToEnd(iterator, performance.now() + linger);
    return response;
  };
}

async function readToEnd(iterator: AsyncIterator<unknown>, deadline: number): Promise<void> {
  try {
    while (performance.now() < deadline && (await iterator.next()).done !== true);
  } catch {
    // The client has gone, and nobody waits for the answer.
  }
}
