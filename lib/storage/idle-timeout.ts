import { IncomingMessage } from "node:http";

/**
 * Fails a response whose body sends no bytes for a number of milliseconds. The timeouts of the SDK end with the head of
 * a response, so without this a response that stops within its body never ends. While received bytes
 * are unread, the reader is slow and not the service.
 *
 * Belongs in a client's middleware, in step "deserialize" with priority "low", where responses arrive.
 */
export function failIdleResponse<Result extends { readonly response: unknown }>(
  result: Result,
  milliseconds: number,
): Result {
  const body = bodyOf(result.response);
  if (body instanceof IncomingMessage) watchIdleTime(body, milliseconds);
  return result;
}

function bodyOf(response: unknown): unknown {
  return typeof response === "object" && response !== null && "body" in response ? response.body : undefined;
}

function watchIdleTime(body: IncomingMessage, milliseconds: number): void {
  let seen = body.socket.bytesRead;
  const timer = setInterval(() => {
    if (body.complete) return clearInterval(timer);
    const { bytesRead } = body.socket;
    if (bytesRead === seen && body.readableLength === 0) body.destroy(createTimeoutError(milliseconds));
    seen = bytesRead;
  }, milliseconds);
  body.once("close", () => clearInterval(timer));
  // An error of a body without a reader must not end the process.
  body.on("error", () => undefined);
}

/** Creates an error with the name from which the SDK and `isOutage` recognize that the call may be retried. */
function createTimeoutError(milliseconds: number): Error {
  const message = `the service sent no data for ${milliseconds} ms in the middle of a response`;
  return Object.assign(new Error(message), { name: "TimeoutError" });
}
