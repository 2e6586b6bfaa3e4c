import { OciError } from "../oci/errors.ts";
import type { RegistryContext } from "../registry/registry-context.ts";
import type { Admission } from "./auth/admission.ts";
import type { Guard } from "./auth/guard.ts";
import { getBase } from "./endpoints/base.ts";
import { deleteBlob, getBlob } from "./endpoints/blobs.ts";
import { getCatalog } from "./endpoints/catalog.ts";
import { deleteManifest, getManifest, putManifest } from "./endpoints/manifests.ts";
import { getReferrers } from "./endpoints/referrers.ts";
import { getTags } from "./endpoints/tags.ts";
import { deleteUpload, getUpload, patchUpload, postUpload, putUpload } from "./endpoints/uploads.ts";
import { errorResponse, isDefect } from "./errors.ts";
import { type App, addHeaders, type HttpRequest, type HttpResponse, withoutBody } from "./message.ts";
import { findRoute, type Resource, type Route } from "./routes.ts";

/** The handler of an endpoint and method. */
type Handler = (registry: RegistryContext, request: HttpRequest, route: Route) => Promise<HttpResponse>;

/** Handlers by endpoint and method. The GET handler also handles HEAD. */
const HANDLERS: Readonly<Record<Resource, Readonly<Record<string, Handler>>>> = {
  base: { GET: getBase },
  catalog: { GET: getCatalog },
  // MUST: "All registries conforming to this specification MUST support, at a minimum, all APIs in the **Pull**
  // category."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#requirements
  blob: { GET: getBlob, DELETE: deleteBlob },
  // SHOULD: "Registries SHOULD also support the **Push**, **Content Discovery**, and **Content Management**
  // categories."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#requirements
  uploads: { POST: postUpload },
  upload: { GET: getUpload, PATCH: patchUpload, PUT: putUpload, DELETE: deleteUpload },
  // MUST: "A registry claiming conformance with one of these specification categories MUST implement all APIs
  // in the claimed category."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#requirements
  manifest: { GET: getManifest, PUT: putManifest, DELETE: deleteManifest },
  tags: { GET: getTags },
  referrers: { GET: getReferrers },
};

/** Dependencies of the application besides the registry context. */
export interface AppOptions {
  /** Called for defects: failures caused by neither the client nor the environment. */
  readonly onDefect: (error: unknown, request: HttpRequest) => void;
  /** Rejects requests before routing. @default - no request is rejected before routing */
  readonly admit?: Admission;
  /** Authenticates and authorizes requests. @default - every request is allowed */
  readonly guard?: Guard;
}

/** Creates the distribution API: docs/request-handling.md */
export function createApp(registry: RegistryContext, options: AppOptions): App {
  return async (request) => {
    const response = await respond(registry, request, options);
    const headers = { "docker-distribution-api-version": "registry/2.0", ...response.headers };
    const complete = { ...response, headers };
    return request.method === "HEAD" ? withoutBody(complete) : complete;
  };
}

async function respond(
  registry: RegistryContext,
  request: HttpRequest,
  { onDefect, admit, guard }: AppOptions,
): Promise<HttpResponse> {
  const report = (error: unknown) => {
    if (isDefect(error)) onDefect(error, request);
    return errorResponse(error);
  };
  try {
    admit?.(request);
    const route = findRoute(request.path);
    if (route === undefined) return notFound();
    return withAllow(await dispatch(registry, request, route, guard).catch(report), request, route);
  } catch (error) {
    return report(error);
  }
}

async function dispatch(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
  guard: Guard | undefined,
): Promise<HttpResponse> {
  // MUST: "A HEAD request to an existing blob or manifest URL MUST return `200 OK`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry
  const handler = HANDLERS[route.resource][request.method === "HEAD" ? "GET" : request.method];
  if (handler === undefined) throw new OciError("UNSUPPORTED");
  if (guard === undefined) return await handler(registry, request, route);
  return await guard(request, route, (known) => handler(registry, known, route));
}

function notFound(): HttpResponse {
  const message = "unknown endpoint: the distribution API is served under /v2/";
  return errorResponse(new OciError("UNSUPPORTED", { status: 404, message }));
}

/**
 * Adds the `Allow` header to a 405 response, including one for a supported method that is currently not allowed.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.6
 */
function withAllow(response: HttpResponse, { method }: HttpRequest, route: Route | undefined): HttpResponse {
  if (response.status !== 405 || route === undefined) return response;
  const allowed = Object.keys(HANDLERS[route.resource])
    .flatMap((known) => (known === "GET" ? ["GET", "HEAD"] : [known]))
    .filter((known) => known !== method);
  return addHeaders(response, { allow: allowed.join(", ") });
}
