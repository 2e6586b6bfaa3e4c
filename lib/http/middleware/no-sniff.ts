import type { App } from "../message.ts";

/** Prevents browsers from treating stored bytes as another type than the one in `Content-Type`. */
export const NO_SNIFF_HEADERS = { "x-content-type-options": "nosniff" } as const;

/** Adds `X-Content-Type-Options` to each response. */
export function withNoSniff(app: App): App {
  return async (request) => {
    const response = await app(request);
    return { ...response, headers: { ...response.headers, ...NO_SNIFF_HEADERS } };
  };
}
