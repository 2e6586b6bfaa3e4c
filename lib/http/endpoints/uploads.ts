import { type Digest, parseAlgorithm, parseDigest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import { parseContentRange, rangeLength } from "../../oci/range.ts";
import { parseRepositoryName, type RepositoryName } from "../../oci/repository-name.ts";
import { bodyOf } from "../../ports/body.ts";
import { mountBlob, putBlob } from "../../registry/blobs.ts";
import type { Registry } from "../../registry/registry.ts";
import {
  appendChunk,
  type Chunk,
  ChunkOutOfOrderError,
  cancelUpload,
  finishUpload,
  startUpload,
  statUpload,
  type UploadProgress,
} from "../../registry/uploads.ts";
import { errorResponse } from "../errors.ts";
import { queryOf } from "../headers.ts";
import { empty, type HttpRequest, type HttpResponse, noContent } from "../message.ts";
import type { Route } from "../routes.ts";

/** end-4a, 4b, 4c and 11: begins a session, takes a whole blob, or mounts one: spec.md#pushing-blobs */
export async function postUpload(
  registry: Registry,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const query = queryOf(request);
  const digest = query.get("digest");
  if (digest !== null) {
    const parsed = parseDigest(digest);
    await putBlob(registry, name, parsed, request.body ?? bodyOf());
    return created(name, parsed);
  }
  const mount = query.get("mount");
  if (mount !== null) {
    const mounted = await tryMount(registry, request, name, parseDigest(mount));
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

async function tryMount(
  registry: Registry,
  request: HttpRequest,
  name: RepositoryName,
  digest: Digest,
): Promise<HttpResponse | undefined> {
  const from = queryOf(request).get("from") ?? "";
  const source = from === "" ? undefined : parseRepositoryName(from);
  const mayRead = request.caller?.mayPull;
  return (await mountBlob(registry, name, digest, source, mayRead)) ? created(name, digest) : undefined;
}

/** end-5: spec.md#pushing-a-blob-in-chunks */
export async function patchUpload(
  registry: Registry,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { name, id } = parseSession(route);
  return await reportProgressOnConflict(name, async () => {
    const chunk = parseChunk(request);
    if (chunk === undefined) return accepted(name, await statUpload(registry, name, id));
    return accepted(name, await appendChunk(registry, name, id, chunk));
  });
}

/** end-6: closes a session */
export async function putUpload(
  registry: Registry,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { name, id } = parseSession(route);
  const digestText = queryOf(request).get("digest");
  if (digestText === null)
    throw new OciError("DIGEST_INVALID", {
      message: "digest missing: send it as the query parameter digest",
    });
  const digest = parseDigest(digestText);
  const chunk = parseChunk(request);
  return await reportProgressOnConflict(name, async () => {
    await finishUpload(registry, name, id, digest, chunk);
    return created(name, digest);
  });
}

/** end-13: where the session stands */
export async function getUpload(
  registry: Registry,
  _request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { name, id } = parseSession(route);
  return noContent(progressHeaders(name, await statUpload(registry, name, id)));
}

/** end-14: spec.md#cancel-a-blob-upload */
export async function deleteUpload(
  registry: Registry,
  _request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const { name, id } = parseSession(route);
  await cancelUpload(registry, name, id);
  return noContent({});
}

/** Adds to a 416 the headers of a successful response, so that the client can continue from the session's offset. */
async function reportProgressOnConflict(
  name: RepositoryName,
  work: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ChunkOutOfOrderError)) throw error;
    const response = errorResponse(error);
    return { ...response, headers: { ...response.headers, ...progressHeaders(name, error.progress) } };
  }
}

const SESSION_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

function parseSession(route: Route): { readonly name: RepositoryName; readonly id: string } {
  const name = parseRepositoryName(route.name);
  if (!SESSION_ID_PATTERN.test(route.argument)) throw new OciError("BLOB_UPLOAD_UNKNOWN");
  return { name, id: route.argument };
}

/** Returns the chunk of a request that has a body. @throws OciError `SIZE_INVALID` when Content-Length and Content-Range differ */
function parseChunk({ headers, body }: HttpRequest): Chunk | undefined {
  const range = parseContentRange(headers["content-range"]);
  const length = body === undefined ? "0" : headers["content-length"];
  if (range !== undefined && length !== undefined && Number(length) !== rangeLength(range)) {
    throw new OciError("SIZE_INVALID", { message: "Content-Length and Content-Range differ" });
  }
  return body === undefined ? undefined : { body, range };
}

function accepted(name: RepositoryName, progress: UploadProgress): HttpResponse {
  return empty(202, progressHeaders(name, progress));
}

/** Returns the state of a session. Clients compute the next offset from `Range`, which is `0-0` for one byte as for none. */
function progressHeaders(name: RepositoryName, { id, size }: UploadProgress): HttpResponse["headers"] {
  return {
    location: `/v2/${name}/blobs/uploads/${id}`,
    range: `0-${Math.max(size - 1, 0)}`,
    "docker-upload-uuid": id,
  };
}

function created(name: RepositoryName, digest: Digest): HttpResponse {
  return empty(201, { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest });
}
