import { type Content, digestOfBytes } from "./content.ts";

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

/** An image manifest or an index, with its dependencies. */
export interface Manifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
  /** Config, then layers. */
  readonly blobs: readonly Content[];
  readonly children: readonly Manifest[];
}

/** Creates an image manifest. @param padding length of an annotation that makes the manifest larger, in bytes */
export function createImage(config: Content, layers: readonly Content[], padding = 0): Manifest {
  const bytes = toBytes({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, digest: config.digest, size: config.size },
    layers: layers.map(({ digest, size }) => ({ mediaType: LAYER_TYPE, digest, size })),
    ...(padding === 0 ? {} : { annotations: { padding: "x".repeat(padding) } }),
  });
  const digest = digestOfBytes([bytes]);
  return { mediaType: MANIFEST_TYPE, bytes, digest, blobs: [config, ...layers], children: [] };
}

/** Creates an index of manifests. */
export function createIndex(children: readonly Manifest[]): Manifest {
  const manifests = children.map(({ mediaType, digest, bytes }) => ({
    mediaType,
    digest,
    size: bytes.length,
  }));
  const bytes = toBytes({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests });
  return { mediaType: INDEX_TYPE, bytes, digest: digestOfBytes([bytes]), blobs: [], children };
}

function toBytes(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
