import { IncomingMessage } from "node:http";

/**
 * Fails a response whose body receives no bytes for a number of milliseconds. The SDK's timeouts cover only the time until
 * the response headers, so a response that stalls within its body would otherwise never end. The timeout is suspended while
 * received bytes are unread: then the reader is slow, not the service.
 *
 * Must be added to the client's middleware in step "deserialize" with priority "low", where responses arrive.
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
  // An error of a body that has no reader must not crash the process.
  body.on("error", () => undefined);
}

/** Creates an error whose name marks it as retryable for the SDK and for `isOutage`. */
function createTimeoutError(milliseconds: number): Error {
  const message = `the service sent no data for ${milliseconds} ms in the middle of a response`;
  return Object.assign(new Error(message), { name: "TimeoutError" });
}
