import { type Digest, isDigest, parseAlgorithm, parseDigest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import { parseContentRange } from "../../oci/range.ts";
import { isRepositoryName, parseRepositoryName, type RepositoryName } from "../../oci/repository-name.ts";
import { bodyOf } from "../../ports/body.ts";
import { mountBlob, putBlob } from "../../registry/blobs.ts";
import { finishUpload } from "../../registry/finish-upload.ts";
import type { RegistryContext } from "../../registry/registry-context.ts";
import {
  appendChunk,
  type Chunk,
  ChunkOutOfOrderError,
  cancelUpload,
  startUpload,
  statUpload,
  type UploadProgress,
} from "../../registry/uploads.ts";
import { errorResponse } from "../errors.ts";
import { contentLengthOf, queryOf } from "../headers.ts";
import {
  addHeaders,
  emptyResponse,
  type HttpRequest,
  type HttpResponse,
  noContentResponse,
} from "../message.ts";
import type { Route } from "../routes.ts";
import { retryWhileInUse } from "./retry-while-in-use.ts";

/**
 * Handles end-4a, end-4b and end-11: starts a session, stores a whole blob, or mounts one:
 * docs/request-handling.md#start-an-upload
 */
export async function postUpload(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const query = queryOf(request);
  const digest = query.get("digest");
  if (digest !== null) {
    const parsed = parseDigest(digest);
    await putBlob(registry, name, parsed, request.body ?? bodyOf(), contentLengthOf(request));
    // MUST: "Successful completion of the request MUST return a `201 Created` and MUST include the following
    // header:"
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#single-post
    return created(name, parsed);
  }
  const mount = query.get("mount");
  if (mount !== null) {
    const mounted = await tryMount(registry, request, name, mount);
    // MUST: "The response to a successful mount MUST be `201 Created`, and MUST contain the following header:"
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository
    if (mounted !== undefined) return mounted;
  }
  const algorithm = query.get("digest-algorithm");
  const progress = await startUpload(
    registry,
    name,
    ...(algorithm === null ? [] : [parseAlgorithm(algorithm)]),
  );
  return accepted(name, progress);
}

/** Mounts a blob. @returns undefined when it cannot be mounted: a mount is only a hint, and the client uploads the blob instead */
async function tryMount(
  registry: RegistryContext,
  request: HttpRequest,
  name: RepositoryName,
  digest: string,
): Promise<HttpResponse | undefined> {
  const from = queryOf(request).get("from") ?? "";
  if (!isDigest(digest) || !(from === "" || isRepositoryName(from))) return undefined;
  const source = from === "" ? undefined : from;
  const { caller } = request;
  const access = caller && { mayRead: caller.canPull, searched: caller.mountSources };
  return (await mountBlob(registry, name, digest, source, access)) ? created(name, digest) : undefined;
}

/** Handles end-5: docs/request-handling.md#upload-a-chunk */
export async function patchUpload(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { name, id } = parseSession(route);
  return await reportProgressWhenOutOfOrder(name, async () => {
    const chunk = parseChunk(request);
    if (chunk === undefined) return accepted(name, await statUpload(registry, name, id));
    return accepted(name, await appendChunk(registry, name, id, chunk));
  });
}

/** Handles end-6: docs/request-handling.md#close-an-upload */
export async function putUpload(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { name, id } = parseSession(route);
  const digestText = queryOf(request).get("digest");
  // MUST: "The closing `PUT` request MUST include the `<digest>` of the whole blob (not the final chunk) as a
  // query parameter."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
  if (digestText === null)
    throw new OciError("DIGEST_INVALID", {
      message: "digest missing: send it as the query parameter digest",
    });
  const digest = parseDigest(digestText);
  const chunk = parseChunk(request);
  return await reportProgressWhenOutOfOrder(name, async () => {
    await retryWhileInUse(() => finishUpload(registry, name, id, digest, chunk, request.caller?.canPull));
    // MUST: "The response to a successful closing of the session MUST be `201 Created`, and MUST contain the
    // following header:"
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
    return created(name, digest);
  });
}

/** Handles end-13: docs/request-handling.md#get-the-state-of-an-upload */
export async function getUpload(
  registry: RegistryContext,
  _request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { name, id } = parseSession(route);
  // MUST: "The response to an active upload `<location>` MUST be a `204 No Content` response code, and MUST
  // have the following headers:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
  return noContentResponse(progressHeaders(name, await statUpload(registry, name, id)));
}

/** Handles end-14 of the spec's main branch: docs/request-handling.md#cancel-an-upload */
export async function deleteUpload(
  registry: RegistryContext,
  _request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { name, id } = parseSession(route);
  await cancelUpload(registry, name, id);
  return noContentResponse({});
}

/** Adds the headers of a successful response to a 416, so that the client can continue from the session's offset. */
async function reportProgressWhenOutOfOrder(
  name: RepositoryName,
  work: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ChunkOutOfOrderError)) throw error;
    return addHeaders(errorResponse(error), progressHeaders(name, error.progress));
  }
}

const SESSION_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

function parseSession(route: Route): { readonly name: RepositoryName; readonly id: string } {
  const name = parseRepositoryName(route.name);
  if (!SESSION_ID_PATTERN.test(route.argument)) throw new OciError("BLOB_UPLOAD_UNKNOWN");
  return { name, id: route.argument };
}

/**
 * Returns the chunk in a request with a body. Without a body, `Content-Range` is ignored: some clients send it, in various
 * forms, with an empty chunk.
 */
function parseChunk({ headers, body }: HttpRequest): Chunk | undefined {
  if (body === undefined) return undefined;
  return { body, range: parseContentRange(headers["content-range"]), length: contentLengthOf({ headers }) };
}

function accepted(name: RepositoryName, progress: UploadProgress): HttpResponse {
  // MUST: "Upon success, the response MUST have a code of `202 Accepted`, and MUST include the following
  // header:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
  // MUST: "Each successful chunk upload MUST have a `202 Accepted` response code, and MUST have the following
  // headers:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
  return emptyResponse(202, progressHeaders(name, progress));
}

/** Returns the headers with a session's state. Clients compute the next offset from `Range`, which is `0-0` for 0 and 1 byte. */
function progressHeaders(name: RepositoryName, { id, size }: UploadProgress): HttpResponse["headers"] {
  return {
    location: `/v2/${name}/blobs/uploads/${id}`,
    // MUST: "Each successful chunk upload MUST have a `202 Accepted` response code, and MUST have the following
    // headers:"
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
    range: `0-${Math.max(size - 1, 0)}`,
    "docker-upload-uuid": id,
  };
}

function created(name: RepositoryName, digest: Digest): HttpResponse {
  // MUST: "Upon successful completion of the request, the response MUST have code `201 Created` and MUST have
  // the following header:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
  return emptyResponse(201, { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest });
}
