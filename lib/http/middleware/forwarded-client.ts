import { isIP } from "node:net";
import { listItemsOf } from "../headers.ts";
import type { App, HttpRequest } from "../message.ts";

/**
 * Sets the client's address to the last address in `X-Forwarded-For`, for a runtime that appends the peer address there and
 * connects to this process itself. All other addresses in the header come from the client.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html
 */
export function withForwardedClient(app: App): App {
  return async (request) =>
    await app(withClient(request, listItemsOf(request.headers["x-forwarded-for"]).at(-1)));
}

/** Returns a request with the client's address, or the same request if the text is not an address. */
export function withClient(request: HttpRequest, address = ""): HttpRequest {
  return isIP(address) === 0 ? request : { ...request, client: address };
}
