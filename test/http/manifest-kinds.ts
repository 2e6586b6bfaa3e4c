import {
  CONFIG,
  type Described,
  digestOf,
  IMAGE_MANIFEST_MEDIA_TYPE,
  INDEX,
  imageManifest,
  indexManifest,
  UNKNOWN_DIGEST,
} from "./content.ts";
import type { Image } from "./push.ts";

const DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const EMPTY_ARTIFACT = "application/vnd.oci.empty.v1+json";

/** A blob that no repository has. */
export const ABSENT: Described = { mediaType: CONFIG, digest: UNKNOWN_DIGEST, size: 1 };

/** The kinds of manifests that clients push, by the image whose blobs they list. */
export const MANIFEST_KINDS: readonly (readonly [string, (image: Image) => Buffer])[] = [
  ["an OCI image", ({ manifest }) => manifest],
  ["an image without layers", ({ config }) => imageManifest({ config })],
  [
    "an image with the same layer twice",
    ({ config, layer }) => imageManifest({ config, layers: [layer, layer] }),
  ],
  [
    "an image whose layers are null",
    ({ config }) => Buffer.from(json({ mediaType: IMAGE_MANIFEST_MEDIA_TYPE, config, layers: null })),
  ],
  [
    "an image with a config of any type",
    ({ config }) => imageManifest({ config: { ...config, mediaType: "text/plain" } }),
  ],
  [
    "an artifact",
    ({ config }) =>
      imageManifest({ artifactType: "text/sbom", config: { ...config, mediaType: EMPTY_ARTIFACT } }),
  ],
  [
    "an image with data in its descriptors",
    ({ config }) => imageManifest({ config: { ...config, ...{ data: "e30=" } } }),
  ],
  [
    "an image with unknown properties",
    ({ config }) => imageManifest({ config, "org.example": { deep: [1, null] } }),
  ],
  [
    "an image with annotations",
    ({ config }) => imageManifest({ config, annotations: { "": "", "org.example": "ü\u0000" } }),
  ],
  [
    "an image with odd white space",
    ({ manifest }) => Buffer.from(`\n\t ${manifest.toString().replaceAll(",", " ,\r\n")}\n\n`),
  ],
  [
    "a Docker image",
    ({ config, layer }) => imageManifest({ mediaType: DOCKER_IMAGE, config, layers: [layer] }),
  ],
  ["an index", ({ manifest }) => indexManifest([described(IMAGE_MANIFEST_MEDIA_TYPE, manifest)])],
  ["an empty index", () => indexManifest([])],
  [
    "an index of missing manifests (sparse)",
    () => indexManifest([{ ...ABSENT, mediaType: IMAGE_MANIFEST_MEDIA_TYPE }]),
  ],
  ["an index of indexes", () => indexManifest([described(INDEX, indexManifest([]))])],
  ["an index with an artifact type", () => indexManifest([], { artifactType: "text/sboms" })],
  [
    "a Docker manifest list",
    ({ manifest }) =>
      indexManifest([described(IMAGE_MANIFEST_MEDIA_TYPE, manifest)], { mediaType: DOCKER_LIST }),
  ],
  [
    "an image with a missing subject",
    ({ config }) => imageManifest({ config, subject: { ...ABSENT, mediaType: IMAGE_MANIFEST_MEDIA_TYPE } }),
  ],
  [
    "an index with a missing subject",
    () => indexManifest([], { subject: { ...ABSENT, mediaType: IMAGE_MANIFEST_MEDIA_TYPE } }),
  ],
];

export function json(value: object): string {
  return JSON.stringify({ schemaVersion: 2, ...value });
}

function described(mediaType: string, content: Buffer): Described {
  return { mediaType, digest: digestOf(content), size: content.length };
}
