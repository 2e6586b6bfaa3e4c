import { parseDigest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import {
  isDigestReference,
  isTag,
  parseReference,
  parseTag,
  type Reference,
  type Tag,
} from "../../oci/reference.ts";
import { parseRepositoryName, type RepositoryName } from "../../oci/repository-name.ts";
import { MAX_MANIFEST_BYTES } from "../../registry/manifests/content.ts";
import { deleteManifest as deleteStoredManifest } from "../../registry/manifests/delete.ts";
import { getManifest as getStoredManifest, manifestUnknown } from "../../registry/manifests/get.ts";
import {
  MAX_TAGS_PER_PUSH,
  type ManifestPush,
  type PushedManifest,
  pushManifest,
} from "../../registry/manifests/push.ts";
import type { RegistryContext } from "../../registry/registry-context.ts";
import { readBody } from "../body.ts";
import { entityTagOf, isCached, parsePrecondition, queryOf } from "../headers.ts";
import { emptyResponse, type HttpRequest, type HttpResponse } from "../message.ts";
import type { Route } from "../routes.ts";

/** Handles end-3: docs/request-handling.md#pull-or-check-a-manifest */
export async function getManifest(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const manifest = await getStoredManifest(registry, name, parseExistingReference(route.argument));
  const { digest, mediaType, size, isLost } = manifest;
  if (request.method === "HEAD" && isLost) throw manifestUnknown(route.argument);
  const known = {
    // SHOULD: "A successful response SHOULD contain the digest of the uploaded blob in the header
    // `Docker-Content-Digest`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
    // SHOULD: "A successful response SHOULD contain the digest of the uploaded blob in the header
    // `Docker-Content-Digest`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry
    "docker-content-digest": digest,
    etag: entityTagOf(digest),
  };
  if (isCached(request, digest)) return { status: 304, headers: known };
  const headers = {
    // SHOULD: "The `Content-Type` header SHOULD match what the client [pushed as the manifest's
    // `Content-Type`](#pushing-manifests)."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
    "content-type": mediaType,
    // SHOULD: "A successful response SHOULD contain the size in bytes of the uploaded blob in the header
    // `Content-Length`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry
    "content-length": String(size),
    ...known,
  };
  if (request.method === "HEAD") return { status: 200, headers };
  // MUST: "A GET request to an existing manifest URL MUST provide the expected manifest, with a response code
  // that MUST be `200 OK`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
  return { status: 200, headers, body: await manifest.load() };
}

/** Handles end-7: docs/request-handling.md#push-a-manifest */
export async function putManifest(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const reference = parseReference(route.argument);
  const query = queryOf(request);
  const target = parsePushTarget(reference, query);
  const push: ManifestPush = {
    ...target,
    precondition: parsePrecondition(request),
    contentType: request.headers["content-type"],
    body: await readManifestBody(request),
  };
  return pushedResponse(name, await pushManifest(registry, name, push), query.has("tag") ? push.tags : []);
}

function parsePushTarget(
  reference: Reference,
  query: URLSearchParams,
): Pick<ManifestPush, "digest" | "tags"> {
  if (!isDigestReference(reference)) {
    const digest = query.get("digest");
    return { digest: digest === null ? undefined : parseDigest(digest), tags: [reference] };
  }
  const tags = new Set(query.getAll("tag").map(parseTag));
  if (tags.size > MAX_TAGS_PER_PUSH) {
    throw new OciError("MANIFEST_INVALID", {
      status: 414,
      message: `too many tags: push at most ${MAX_TAGS_PER_PUSH} in one request`,
    });
  }
  return { digest: reference, tags: [...tags] };
}

function pushedResponse(
  name: RepositoryName,
  { digest, subject }: PushedManifest,
  tags: readonly Tag[],
): HttpResponse {
  // MUST: "Upon a successful upload, the registry MUST return response code `201 Created`, and MUST have the
  // following header:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
  return emptyResponse(201, {
    location: `/v2/${name}/manifests/${digest}`,
    "docker-content-digest": digest,
    // MUST: "When processing a request for an image manifest with the `subject` field, a registry
    // implementation that supports the [referrers API](#listing-referrers) MUST respond with the response
    // header `OCI-Subject: <subject digest>` to indicate to the client that the registry processed the
    // request's `subject`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject
    ...(subject === undefined ? {} : { "oci-subject": subject }),
    ...(tags.length === 0 ? {} : { "oci-tag": tags.join(", ") }),
  });
}

/** Handles end-9: docs/request-handling.md#delete-a-manifest-or-tag */
export async function deleteManifest(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  await deleteStoredManifest(
    registry,
    name,
    parseExistingReference(route.argument),
    parsePrecondition(request),
  );
  // MUST: "Upon success, the registry MUST respond with a `202 Accepted` code."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-tags
  // MUST: "Upon success, the registry MUST respond with a `202 Accepted` code."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests
  return emptyResponse(202);
}

/** Parses the reference of an existing manifest. A malformed tag cannot exist, so it is reported as unknown. */
function parseExistingReference(text: string): Reference {
  if (text.includes(":") || isTag(text)) return parseReference(text);
  throw manifestUnknown(text.slice(0, 200));
}

/** Reads a pushed manifest. @throws OciError `MANIFEST_INVALID` with status 413 when it is too large */
async function readManifestBody(request: HttpRequest): Promise<Uint8Array> {
  const bytes = await readBody(request, MAX_MANIFEST_BYTES);
  if (bytes !== undefined) return bytes;
  // SHOULD: "A registry SHOULD enforce some limit on the maximum manifest size that it can accept."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
  throw new OciError("MANIFEST_INVALID", {
    // SHOULD: "A registry that enforces this limit SHOULD respond to a request to push a manifest over this
    // limit with a response code `413 Payload Too Large`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
    status: 413,
    message: `manifest too large: the maximum is ${MAX_MANIFEST_BYTES} bytes`,
  });
}
