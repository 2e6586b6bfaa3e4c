/** Media type of an OCI image manifest: https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md */
export const OCI_IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** Media type of an OCI image index. */
export const OCI_IMAGE_INDEX = "application/vnd.oci.image.index.v1+json";
/**
 * Media type of a Docker image manifest.
 * @see https://github.com/distribution/distribution/blob/v3.0.0/docs/content/spec/manifest-v2-2.md
 */
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
/** Media type of a Docker manifest list. */
export const DOCKER_MANIFEST_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

const MANIFEST_MEDIA_TYPES = [
  OCI_IMAGE_MANIFEST,
  OCI_IMAGE_INDEX,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
] as const;

/** A manifest media type that this registry stores. */
export type ManifestMediaType = (typeof MANIFEST_MEDIA_TYPES)[number];

/** Config media types of runnable images. */
const IMAGE_CONFIG_MEDIA_TYPES = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];

/** Media types of layers that the registry need not store: clients fetch them from the URLs in their descriptors. */
const NONDISTRIBUTABLE_LAYER_PATTERNS = [
  /^application\/vnd\.oci\.image\.layer\.nondistributable\.v1\.tar(\+[a-z0-9]+)?$/,
  /^application\/vnd\.docker\.image\.rootfs\.foreign\.diff\.tar(\.[a-z0-9]+)?$/,
];

/** Returns whether a text is a manifest media type that this registry stores. */
export function isManifestMediaType(text: string): text is ManifestMediaType {
  return MANIFEST_MEDIA_TYPES.some((known) => known === text);
}

/** Returns whether a manifest of this type lists other manifests. */
export function isIndexMediaType(mediaType: ManifestMediaType): boolean {
  return mediaType === OCI_IMAGE_INDEX || mediaType === DOCKER_MANIFEST_LIST;
}

/** Returns whether an artifact type denotes a runnable image, that is, the media type of an image config. */
export function isImageArtifactType(artifactType: string | undefined): boolean {
  return IMAGE_CONFIG_MEDIA_TYPES.some((known) => known === artifactType);
}

/** Returns whether a layer of this type may be missing from the registry. */
export function isNondistributable(mediaType: string): boolean {
  return NONDISTRIBUTABLE_LAYER_PATTERNS.some((pattern) => pattern.test(mediaType));
}

/** Returns the media type in a `Content-Type` header, in lower case and without parameters. */
export function withoutParameters(contentType: string): string {
  // SHOULD NOT: "The registry SHOULD NOT include parameters on the `Content-Type` header."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
  // SHOULD: "The registry SHOULD ignore parameters on the `Content-Type` header."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
  return (contentType.split(";")[0] ?? "").trim().toLowerCase();
}
