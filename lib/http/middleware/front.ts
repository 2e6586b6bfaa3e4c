import type { App, HttpRequest } from "../message.ts";

/** Set at the edge to the host that the client asked for; missing when the client came to API Gateway directly. */
export const EDGE_HOST = "x-dockless-host";

/** Set by API Gateway to the host that all clients should use. */
export const REGISTRY_HOST = "x-dockless-registry";

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
