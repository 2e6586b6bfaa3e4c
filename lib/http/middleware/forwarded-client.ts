import { isIP } from "node:net";
import type { App } from "../message.ts";

/**
 * Sets the client's address to the last address in `X-Forwarded-For`, for a runtime that appends the peer address there and
 * connects to this process itself. All other addresses in the header come from the client.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html
 */
export function withForwardedClient(app: App): App {
  return async (request) => {
    const client = request.headers["x-forwarded-for"]?.split(",").at(-1)?.trim() ?? "";
    return await app(isIP(client) === 0 ? request : { ...request, client });
  };
}
