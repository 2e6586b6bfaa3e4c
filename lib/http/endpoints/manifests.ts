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
import { MAX_MANIFEST_SIZE } from "../../registry/manifests/content.ts";
import { deleteManifest as deleteStoredManifest } from "../../registry/manifests/delete.ts";
import { getManifest as getStoredManifest, unknownManifest } from "../../registry/manifests/get.ts";
import {
  MAX_TAGS,
  type ManifestPush,
  type PushedManifest,
  pushManifest,
} from "../../registry/manifests/push.ts";
import type { Registry } from "../../registry/registry.ts";
import { readBody } from "../body.ts";
import { etag, isCached, preconditionOf, queryOf } from "../headers.ts";
import { empty, type HttpRequest, type HttpResponse } from "../message.ts";
import type { Route } from "../routes.ts";

/** end-3: spec.md#pulling-manifests */
export async function readManifest(
  registry: Registry,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const manifest = await getStoredManifest(registry, name, parseExistingReference(route.argument));
  const { digest, mediaType, size } = manifest;
  const known = { "docker-content-digest": digest, etag: etag(digest) };
  if (isCached(request, digest)) return { status: 304, headers: known };
  const headers = { "content-type": mediaType, "content-length": String(size), ...known };
  return request.method === "HEAD"
    ? { status: 200, headers }
    : { status: 200, headers, body: await manifest.load() };
}

/** end-7: spec.md#pushing-manifests */
export async function putManifest(
  registry: Registry,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const reference = parseReference(route.argument);
  const query = queryOf(request);
  const target = parsePushTarget(reference, query);
  const push: ManifestPush = {
    ...target,
    precondition: preconditionOf(request),
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
  if (tags.size > MAX_TAGS) {
    throw new OciError("MANIFEST_INVALID", {
      status: 414,
      message: `too many tags: push at most ${MAX_TAGS} in one request`,
    });
  }
  return { digest: reference, tags: [...tags] };
}

function pushedResponse(
  name: RepositoryName,
  { digest, subject }: PushedManifest,
  tags: readonly Tag[],
): HttpResponse {
  return empty(201, {
    location: `/v2/${name}/manifests/${digest}`,
    "docker-content-digest": digest,
    ...(subject === undefined ? {} : { "oci-subject": subject }),
    ...(tags.length === 0 ? {} : { "oci-tag": tags.join(", ") }),
  });
}

/** end-9: spec.md#deleting-manifests and #deleting-tags */
export async function removeManifest(
  registry: Registry,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  await deleteStoredManifest(registry, name, parseExistingReference(route.argument), preconditionOf(request));
  return empty(202);
}

/** Parses the reference of an existing manifest. A malformed tag cannot exist, so it is reported as unknown. */
function parseExistingReference(text: string): Reference {
  if (text.includes(":") || isTag(text)) return parseReference(text);
  throw unknownManifest(text.slice(0, 200));
}

/** Reads a pushed manifest. @throws OciError `MANIFEST_INVALID` with status 413 when it is too large */
async function readManifestBody(request: HttpRequest): Promise<Uint8Array> {
  const bytes = await readBody(request, MAX_MANIFEST_SIZE);
  if (bytes !== undefined) return bytes;
  throw new OciError("MANIFEST_INVALID", {
    status: 413,
    message: `manifest too large: the maximum is ${MAX_MANIFEST_SIZE} bytes`,
  });
}
