import { EDGE_HOST, REGISTRY_HOST } from "../../ports/headers.ts";
import type { App, HttpRequest } from "../message.ts";

const HOST = /^[A-Za-z0-9.:-]{1,255}$/;

/**
 * Tells a client that begins an upload at API Gateway itself, which refuses large bodies before the registry hears of
 * them, where they are taken: spec.md#warnings
 */
export function withDirectWarning(app: App): App {
  return async (request) => {
    const response = await app(request);
    const host = request.headers[REGISTRY_HOST];
    if (response.status !== 202 || !isDirect(request) || host === undefined || !HOST.test(host))
      return response;
    const text = `this address takes no more than 4.5 MB at once: push larger blobs to ${host}`;
    return { ...response, headers: { ...response.headers, warning: `299 - "${text}"` } };
  };
}

function isDirect({ method, headers }: HttpRequest): boolean {
  return method === "POST" && headers[EDGE_HOST] === undefined;
}
