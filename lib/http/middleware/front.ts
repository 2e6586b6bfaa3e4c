import { EDGE_HOST_HEADER, REGISTRY_HOST_HEADER } from "../../ports/headers.ts";
import type { App, HttpRequest } from "../message.ts";

const HOST_PATTERN = /^[A-Za-z0-9.:-]{1,255}$/;

/**
 * Warns a client that starts an upload directly at API Gateway, which rejects large bodies before they reach the registry,
 * and names the host that accepts them.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings
 */
export function withDirectWarning(app: App): App {
  return async (request) => {
    const response = await app(request);
    const host = request.headers[REGISTRY_HOST_HEADER];
    // MUST NOT: "A registry MUST NOT send more than 4096 bytes of warning data from all headers combined."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings
    if (response.status !== 202 || !isDirect(request) || host === undefined || !HOST_PATTERN.test(host))
      return response;
    const text = `request bodies are limited to 4.5 MB at this host: push larger blobs to ${host}`;
    // MUST: "If included, `Warning` headers MUST specify a `warn-code` of `299` and a `warn-agent` of `-`, and
    // MUST NOT specify a `warn-date` value."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings
    return { ...response, headers: { ...response.headers, warning: `299 - "${text}"` } };
  };
}

function isDirect({ method, headers }: HttpRequest): boolean {
  return method === "POST" && headers[EDGE_HOST_HEADER] === undefined;
}
