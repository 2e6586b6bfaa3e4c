import { type App, addHeaders } from "../message.ts";

/** Prevents browsers from interpreting stored bytes as a type other than `Content-Type`. */
export const NO_SNIFF_HEADERS = { "x-content-type-options": "nosniff" } as const;

/** Adds `X-Content-Type-Options` to each response. */
export function withNoSniff(app: App): App {
  return async (request) => addHeaders(await app(request), NO_SNIFF_HEADERS);
}
