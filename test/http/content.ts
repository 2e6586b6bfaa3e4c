import { createHash } from "node:crypto";

export const IMAGE_MANIFEST_MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json";
export const INDEX = "application/vnd.oci.image.index.v1+json";
export const CONFIG = "application/vnd.oci.image.config.v1+json";
export const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
export const UNKNOWN_DIGEST = `sha256:${"0".repeat(64)}`;

export interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export function digestOf(bytes: Uint8Array | string, algorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** Returns bytes that the seed determines and that do not repeat within 64 KiB. */
export function sampleBytes(size: number, seed = "sample"): Buffer {
  return createHash("shake256", { outputLength: Math.max(size, 1) })
    .update(seed)
    .digest()
    .subarray(0, size);
}

export function descriptorOf(mediaType: string, content: Uint8Array): Described {
  return { mediaType, digest: digestOf(content), size: content.length };
}

export interface ManifestParts {
  readonly [key: string]: unknown;
  readonly config?: Described;
  readonly layers?: readonly Described[];
}

/** Creates an image manifest, each property of which can be replaced. */
export function imageManifest(parts: ManifestParts): Buffer {
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_MANIFEST_MEDIA_TYPE, layers: [], ...parts }),
  );
}

export function indexManifest(manifests: readonly Described[], parts: ManifestParts = {}): Buffer {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests, ...parts }));
}
