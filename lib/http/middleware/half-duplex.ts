import type { App } from "../message.ts";

/** Time limit for reading the rest of a rejected body: longer than most uploads take, but not controlled by the client. */
const DRAIN_TIMEOUT_MILLISECONDS = 120_000;

/**
 * Delays each response until the request's body has been read completely, even if the application does not need all of it.
 * For a runtime that sends no byte of a response before it has received the whole request.
 * @param drainTimeout maximum milliseconds for reading the rest of the body after the application has responded
 */
export function withWholeBodyFirst(app: App, drainTimeout = DRAIN_TIMEOUT_MILLISECONDS): App {
  return async (request) => {
    if (request.body === undefined) return await app(request);
    const iterator = request.body[Symbol.asyncIterator]();
    // Without a `return`, so that the rest can be read here when the application stops early.
    const body = { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
    const response = await app({ ...request, body });
    await drain(iterator, performance.now() + drainTimeout);
    return response;
  };
}

async function drain(iterator: AsyncIterator<unknown>, deadline: number): Promise<void> {
  try {
    while (performance.now() < deadline && (await iterator.next()).done !== true);
  } catch {
    // The client has disconnected and does not wait for the response.
  }
}
