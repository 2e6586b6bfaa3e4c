import { createHash } from "node:crypto";
import type { Descriptor } from "../../lib/oci/descriptor.ts";
import { isJsonObject } from "../../lib/oci/descriptor.ts";
import { parseManifest } from "../../lib/oci/manifest.ts";
import type { RegistryClient } from "./registry.ts";
import { expectEqual } from "./support/expect.ts";

/** An image as the registry serves it, with all bytes verified against their digests. */
export interface ServedImage {
  /** Digest of the manifest or index of the tag. */
  readonly digest: string;
  /** Digests of all manifests, configs and layers. */
  readonly blobs: ReadonlySet<string>;
  /** Digests of the root, the configs and the uncompressed layers. */
  readonly content: ReadonlySet<string>;
}

interface FoundDigests {
  readonly blobs: Set<string>;
  readonly content: Set<string>;
}

const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
const CONFIG_TYPES = /^application\/vnd\.(oci\.image\.config|docker\.container\.image)\.v1\+json$/;

/** Reads an image and its dependencies, by HEAD and by GET. @throws Error when any of them differs from its descriptor */
export async function readServedImage(
  registry: RegistryClient,
  repository: string,
  reference: string,
): Promise<ServedImage> {
  const found: FoundDigests = { blobs: new Set(), content: new Set() };
  const digest = await readManifest(registry, repository, reference, found);
  found.content.add(digest);
  return { digest, ...found };
}

/** Lists the referrers of a manifest. @param artifactType filter, applied by the registry */
export async function readReferrers(
  registry: RegistryClient,
  repository: string,
  digest: string,
  artifactType?: string,
): Promise<readonly Descriptor[]> {
  const filter = artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
  const path = `/v2/${repository}/referrers/${digest}${filter}`;
  const response = await registry.request("GET", path);
  expectEqual(`status of GET ${path}`, response.status, 200);
  const mediaType = response.headers.get("content-type") ?? undefined;
  return parseManifest(Buffer.from(await response.arrayBuffer()), mediaType).children;
}

async function readManifest(
  registry: RegistryClient,
  repository: string,
  reference: string,
  found: FoundDigests,
): Promise<string> {
  const { digest, manifest, body } = await getManifest(registry, repository, reference);
  const again = await getManifest(registry, repository, digest);
  expectEqual(`manifest of ${digest} by digest and by ${reference}`, again.body.equals(body), true);
  found.blobs.add(digest);
  for (const blob of manifest.blobs) await readBlob(registry, repository, blob, found);
  for (const child of manifest.children) await readManifest(registry, repository, child.digest, found);
  return digest;
}

async function getManifest(registry: RegistryClient, repository: string, reference: string) {
  const path = `/v2/${repository}/manifests/${reference}`;
  const accept = MANIFEST_TYPES.join(", ");
  const head = await registry.request("HEAD", path, { accept });
  const response = await registry.request("GET", path, { accept });
  expectEqual(`status of GET ${path}`, response.status, 200);
  const body = Buffer.from(await response.arrayBuffer());
  const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  if (reference.includes(":")) expectEqual(`digest of GET ${path}`, digest, reference);
  expectHeaders(`GET ${path}`, response, { "docker-content-digest": digest });
  const mediaType = response.headers.get("content-type") ?? "";
  expectEqual(`status of HEAD ${path}`, head.status, 200);
  const expected = { "docker-content-digest": digest, "content-type": mediaType };
  expectHeaders(`HEAD ${path}`, head, { ...expected, "content-length": String(body.length) });
  return { digest, body, manifest: parseManifest(body, mediaType) };
}

async function readBlob(
  registry: RegistryClient,
  repository: string,
  blob: Descriptor,
  found: FoundDigests,
): Promise<void> {
  const path = `/v2/${repository}/blobs/${blob.digest}`;
  const head = await registry.request("HEAD", path);
  expectEqual(`status of HEAD ${path}`, head.status, 200);
  expectHeaders(`HEAD ${path}`, head, { "content-length": String(blob.size) });
  const response = await registry.request("GET", path);
  expectEqual(`status of GET ${path}`, response.status, 200);
  const isConfig = CONFIG_TYPES.test(blob.mediaType);
  const { digest, size, bytes } = await hashBody(response, isConfig);
  expectEqual(`bytes of GET ${path}`, size, blob.size);
  expectEqual(`digest of GET ${path}`, digest, blob.digest);
  found.blobs.add(digest);
  if (isConfig) for (const part of [digest, ...diffIdsOf(bytes)]) found.content.add(part);
}

/** Hashes a body as a stream, and returns its bytes only if `keepsBytes` is set. */
async function hashBody(response: Response, keepsBytes: boolean) {
  const hash = createHash("sha256");
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    hash.update(chunk);
    size += chunk.length;
    if (keepsBytes) kept.push(chunk);
  }
  return { digest: `sha256:${hash.digest("hex")}`, size, bytes: Buffer.concat(kept) };
}

function diffIdsOf(config: Buffer): string[] {
  const json: unknown = JSON.parse(config.toString());
  const rootfs = isJsonObject(json) ? json["rootfs"] : undefined;
  const ids: unknown = isJsonObject(rootfs) ? rootfs["diff_ids"] : undefined;
  if (!Array.isArray(ids)) throw new Error("image config without rootfs.diff_ids");
  return ids.map(String);
}

function expectHeaders(what: string, response: Response, expected: Record<string, string>): void {
  for (const [name, value] of Object.entries(expected)) {
    expectEqual(`${name} of ${what}`, response.headers.get(name), value);
  }
}
