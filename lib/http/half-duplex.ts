import type { App } from "./message.ts";

/**
 * For a home that forwards no byte of an answer before it has forwarded the whole request: answers only once the body
 * has been read to its end, whether or not the application wanted all of it.
 */
export function withWholeBodyFirst(app: App): App {
  return async (request) => {
    if (request.body === undefined) return await app(request);
    const iterator = request.body[Symbol.asyncIterator]();
    // Without a `return`, so that whoever stops reading early leaves the rest to be read here.
    const body = { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
    const response = await app({ ...request, body });
    await readToEnd(iterator);
    return response;
  };
}

async function readToEnd(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    while ((await iterator.next()).done !== true);
  } catch {
    // The client has gone, and nobody waits for the answer.
  }
}
