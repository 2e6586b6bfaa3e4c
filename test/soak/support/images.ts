import { type Content, digestOfBytes } from "./content.ts";

const IMAGE = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar";

/** An image or an index, with all its dependencies. */
export interface Manifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
  /** Blobs, with the config first. */
  readonly blobs: readonly Content[];
  readonly children: readonly Manifest[];
}

/** @param padding bytes that make the manifest larger */
export function makeImage(config: Content, layers: readonly Content[], padding = 0): Manifest {
  const bytes = toBytes({
    schemaVersion: 2,
    mediaType: IMAGE,
    config: { mediaType: CONFIG, digest: config.digest, size: config.size },
    layers: layers.map(({ digest, size }) => ({ mediaType: LAYER, digest, size })),
    ...(padding === 0 ? {} : { annotations: { padding: "x".repeat(padding) } }),
  });
  const digest = digestOfBytes([bytes]);
  return { mediaType: IMAGE, bytes, digest, blobs: [config, ...layers], children: [] };
}

export function makeIndex(children: readonly Manifest[]): Manifest {
  const manifests = children.map(({ mediaType, digest, bytes }) => ({
    mediaType,
    digest,
    size: bytes.length,
  }));
  const bytes = toBytes({ schemaVersion: 2, mediaType: INDEX, manifests });
  return { mediaType: INDEX, bytes, digest: digestOfBytes([bytes]), blobs: [], children };
}

function toBytes(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
