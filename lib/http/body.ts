import { OciError } from "../oci/errors.ts";
import { type Body, bodyOf, collectUpTo } from "../ports/body.ts";
import type { HttpRequest } from "./message.ts";

/** Deadline for bodies that are buffered in memory: 4 MiB at 70 KB/s. Without it, slow clients could hold memory. */
export const SMALL_BODY_TIMEOUT_MILLISECONDS = 60_000;

/**
 * Reads the body of a request; a missing one is empty.
 * @param limit bytes
 * @returns undefined when the body or its `Content-Length` exceeds the limit
 * @throws OciError with status 408 when the body has not ended within SMALL_BODY_TIMEOUT_MILLISECONDS
 */
export async function readBody(
  { headers, body = bodyOf() }: Pick<HttpRequest, "headers" | "body">,
  limit: number,
): Promise<Buffer | undefined> {
  if (Number(headers["content-length"] ?? 0) > limit) return undefined;
  return await withDeadline(body, (timedBody) => collectUpTo(limit, timedBody));
}

/**
 * Runs `read` on a body that fails at the deadline, even while a chunk is pending. No promise lasts longer than its chunk: a
 * race with one for the deadline would retain each chunk until then.
 */
async function withDeadline<T>(body: Body, read: (body: Body) => Promise<T>): Promise<T> {
  let isExpired = false;
  let fail: (error: OciError) => void = () => undefined;
  const timer = setTimeout(() => {
    isExpired = true;
    fail(bodyTimeout());
  }, SMALL_BODY_TIMEOUT_MILLISECONDS);
  const chunks = body[Symbol.asyncIterator]();
  // Without a `return`: it would wait for the pending chunk.
  const next = () =>
    new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      if (isExpired) return reject(bodyTimeout());
      fail = reject;
      chunks.next().then(resolve, reject);
    });
  try {
    return await read({ [Symbol.asyncIterator]: () => ({ next }) });
  } finally {
    clearTimeout(timer);
  }
}

function bodyTimeout(): OciError {
  const seconds = SMALL_BODY_TIMEOUT_MILLISECONDS / 1000;
  const message = `request body incomplete after ${seconds} s: send it again`;
  return new OciError("SIZE_INVALID", { status: 408, message });
}
