import { type App, addHeaders, type HttpRequest, type HttpResponse, noContentResponse } from "../message.ts";

/** Origin that stands for all origins. */
const ANY_ORIGIN = "*";

const PREFLIGHT_MAX_AGE_SECONDS = 600;
const ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const ALLOWED_HEADERS = [
  ...["Accept", "Authorization", "Cache-Control", "Content-Range", "Content-Type", "If-Match"],
  ...["If-None-Match", "If-Range", "Range"],
].join(", ");

/** Response headers exposed to scripts, in addition to those that the Fetch standard always exposes. */
const EXPOSED_HEADERS = [
  ...["Accept-Ranges", "Allow", "Content-Range", "Docker-Content-Digest", "Docker-Distribution-Api-Version"],
  ...["Docker-Upload-UUID", "ETag", "Link", "Location", "OCI-Chunk-Min-Length", "OCI-Filters-Applied"],
  ...["OCI-Subject", "OCI-Tag", "Range", "Retry-After", "Warning", "WWW-Authenticate"],
].join(", ");

/**
 * Lets web pages of these origins call the registry. A preflight request has no credentials and is answered without the
 * application. Browsers may send their own credentials, such as cookies, only from origins that are named exactly.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function withCors(app: App, origins: ReadonlySet<string>): App {
  const dependsOnOrigin = [...origins].some((origin) => origin !== ANY_ORIGIN);
  return async (request) => {
    const allowed = allowOrigin(request, origins);
    const response = allowed !== undefined && isPreflight(request) ? answerPreflight() : await app(request);
    return addHeaders(response, { ...allowed, ...(dependsOnOrigin && { vary: "Origin" }) });
  };
}

/** Returns the headers that allow a request's origin, or undefined when the origin is not allowed. */
function allowOrigin(
  { headers }: HttpRequest,
  origins: ReadonlySet<string>,
): HttpResponse["headers"] | undefined {
  const { origin } = headers;
  if (origin === undefined) return undefined;
  const exposed = { "access-control-expose-headers": EXPOSED_HEADERS };
  if (origin !== ANY_ORIGIN && origins.has(origin)) {
    return {
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      ...exposed,
    };
  }
  return origins.has(ANY_ORIGIN) ? { "access-control-allow-origin": ANY_ORIGIN, ...exposed } : undefined;
}

function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

function answerPreflight(): HttpResponse {
  return noContentResponse({
    "access-control-allow-methods": ALLOWED_METHODS,
    "access-control-allow-headers": ALLOWED_HEADERS,
    "access-control-max-age": String(PREFLIGHT_MAX_AGE_SECONDS),
  });
}
