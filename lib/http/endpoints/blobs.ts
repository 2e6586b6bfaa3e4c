import { type Digest, parseDigest } from "../../oci/digest.ts";
import { type ByteRange, parseRange, rangeLength } from "../../oci/range.ts";
import { parseRepositoryName } from "../../oci/repository-name.ts";
import {
  deleteBlob as deleteBlobLink,
  findBlob,
  locateBlob,
  getBlob as readStoredBlob,
  statBlob,
} from "../../registry/blobs.ts";
import type { RegistryContext } from "../../registry/registry-context.ts";
import { entityTagOf, isCached } from "../headers.ts";
import { emptyResponse, type HttpRequest, type HttpResponse } from "../message.ts";
import type { Route } from "../routes.ts";

/** Handles end-2: docs/request-handling.md#pull-or-check-a-blob */
export async function getBlob(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const digest = parseDigest(route.argument);
  const find = request.method === "HEAD" ? statBlob : findBlob;
  const link = await find(registry, name, digest);
  const { size } = link;
  const known = {
    // SHOULD: "A successful response SHOULD contain the digest of the uploaded blob in the header
    // `Docker-Content-Digest`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
    // SHOULD: "A successful response SHOULD contain the digest of the uploaded blob in the header
    // `Docker-Content-Digest`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry
    "docker-content-digest": digest,
    "cache-control": "max-age=31536000, immutable",
    etag: entityTagOf(digest),
  };
  if (isCached(request, digest)) return { status: 304, headers: known };
  // Object storage rejects every range of an empty object, even `bytes=0-`.
  if (request.method === "GET" && size > 0) {
    const url = await locateBlob(registry, digest);
    if (url !== undefined) return redirect(url, digest);
  }
  const range = parseRange(requestedRange(request, digest), size);
  const headers = {
    "content-type": "application/octet-stream",
    // SHOULD: "A successful response SHOULD contain the size in bytes of the uploaded blob in the header
    // `Content-Length`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry
    "content-length": String(range === undefined ? size : rangeLength(range)),
    "accept-ranges": "bytes",
    ...known,
    ...contentRange(range, size),
  };
  const status = range === undefined ? 200 : 206;
  if (request.method === "HEAD") return { status, headers };
  // MUST: "A GET request to an existing blob URL MUST provide the expected blob, with a response code that MUST
  // be `200 OK`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
  return { status, headers, body: await readStoredBlob(registry, digest, link, range) };
}

/**
 * Returns the `Range` header of a GET, unless its `If-Range` does not match the blob.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.5
 */
function requestedRange({ method, headers }: HttpRequest, digest: Digest): string | undefined {
  const condition = headers["if-range"];
  const isMatch = condition === undefined || condition === entityTagOf(digest);
  // SHOULD: "A registry SHOULD support the `Range` request header in accordance with [RFC
  // 9110](https://www.rfc-editor.org/rfc/rfc9110.html#name-range-requests)."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
  return method === "GET" && isMatch ? headers["range"] : undefined;
}

/** Redirects to a URL to which the client sends the same request, including its `Range` header. */
function redirect(location: string, digest: Digest): HttpResponse {
  return emptyResponse(307, { location, "docker-content-digest": digest, "cache-control": "no-store" });
}

function contentRange(range: ByteRange | undefined, size: number): HttpResponse["headers"] {
  return range === undefined ? {} : { "content-range": `bytes ${range.first}-${range.last}/${size}` };
}

/** Handles end-10: docs/request-handling.md#delete-a-blob */
export async function deleteBlob(
  registry: RegistryContext,
  _request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  await deleteBlobLink(registry, parseRepositoryName(route.name), parseDigest(route.argument));
  // MUST: "Upon success, the registry MUST respond with code `202 Accepted`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-blobs
  return emptyResponse(202);
}
