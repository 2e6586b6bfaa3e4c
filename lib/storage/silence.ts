import { IncomingMessage } from "node:http";

/**
 * The time-outs of the SDK end with the head of an answer: one that stops within its body would be waited for for ever.
 * This makes it fail, as if it had not come, once the service has been silent for so long, in milliseconds. As long as
 * bytes wait to be read it is not the service that is slow.
 *
 * To be added to a client's middleware, in step "deserialize" with priority "low", where answers come in.
 */
export function failingWhenSilent<Result extends { readonly response: unknown }>(
  result: Result,
  milliseconds: number,
): Result {
  const body = bodyOf(result.response);
  if (body instanceof IncomingMessage) watch(body, milliseconds);
  return result;
}

function bodyOf(response: unknown): unknown {
  return typeof response === "object" && response !== null && "body" in response ? response.body : undefined;
}

function watch(body: IncomingMessage, milliseconds: number): void {
  let seen = body.socket.bytesRead;
  const timer = setInterval(() => {
    if (body.complete) return clearInterval(timer);
    const { bytesRead } = body.socket;
    if (bytesRead === seen && body.readableLength === 0) body.destroy(silence(milliseconds));
    seen = bytesRead;
  }, milliseconds);
  body.once("close", () => clearInterval(timer));
  // Should nobody read it, its end must not be that of the process.
  body.on("error", () => undefined);
}

/** By this name the SDK and this project know that it may be tried again. */
function silence(milliseconds: number): Error {
  const message = `the service has sent nothing for ${milliseconds} ms within an answer`;
  return Object.assign(new Error(message), { name: "TimeoutError" });
}
