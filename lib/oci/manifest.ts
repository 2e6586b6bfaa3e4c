import {
  type Descriptor,
  isJsonObject,
  type JsonObject,
  optionalAnnotations,
  optionalText,
  parseDescriptor,
} from "./descriptor.ts";
import type { Digest } from "./digest.ts";
import { OciError } from "./errors.ts";
import {
  isIndexMediaType,
  isManifestMediaType,
  isNondistributable,
  type ManifestMediaType,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  withoutParameters,
} from "./media-type.ts";
import { parsePlatform } from "./platform.ts";

/** Properties that the registry uses from an image manifest, an image index or their Docker equivalents. */
export interface Manifest {
  readonly mediaType: ManifestMediaType;
  /** Blobs that must exist in the repository before the manifest is pushed. */
  readonly blobs: readonly Descriptor[];
  /** Manifests that an index lists. They may be missing (a sparse index). */
  readonly children: readonly Descriptor[];
  /** Platforms of an index's children; absent when no child declares a platform. */
  readonly platforms?: readonly string[];
  readonly subject?: Descriptor;
  /** The artifact type in the referrers list. An image without `artifactType` uses its config's media type. */
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Parses a manifest.
 * @param contentType the request's `Content-Type`, with or without parameters
 * @throws OciError `MANIFEST_INVALID` or `DIGEST_INVALID`, with a message that names the invalid part
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md and image-index.md
 */
export function parseManifest(body: Uint8Array, contentType: string | undefined): Manifest {
  const json = parseJson(body);
  const mediaType = determineMediaType(json, contentType);
  if (json["schemaVersion"] !== 2) throw invalid("schemaVersion must be 2");
  const isIndex = isIndexMediaType(mediaType);
  rejectAmbiguous(json, isIndex);
  const artifactType = optionalText("artifactType", json["artifactType"], "the manifest");
  const common = { mediaType, ...artifactType, ...parseSubjectDescriptor(json), ...parseAnnotations(json) };
  return isIndex
    ? { ...common, ...parseIndexParts(json) }
    : { ...common, ...parseImageParts(json, common.artifactType) };
}

/** Returns the digests that a manifest depends on, without duplicates. */
export function targetsOf({ blobs, children }: Manifest): readonly Digest[] {
  // MUST: "A registry MUST initially accept an otherwise valid manifest with a `subject` field that references
  // a manifest that does not exist in the repository, allowing clients to push a manifest and referrers to that
  // manifest in either order."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push
  return [...new Set([...blobs, ...children].map((descriptor) => descriptor.digest))];
}

function parseImageParts(json: JsonObject, artifactType: string | undefined) {
  const config = parseDescriptor(json["config"], "config");
  const layers = parseDescriptors(json["layers"], "layers");
  const required = layers.filter((layer) => !isNondistributable(layer.mediaType));
  return {
    blobs: [config, ...required],
    children: [],
    // MUST: "If the `artifactType` is empty or missing in the image manifest, the value of `artifactType` MUST be
    // set to the config descriptor `mediaType` value."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    artifactType: artifactType ?? config.mediaType,
  };
}

function parseIndexParts(json: JsonObject) {
  return { blobs: [], children: parseDescriptors(json["manifests"], "manifests"), ...parsePlatforms(json) };
}

function parsePlatforms({ manifests }: JsonObject): { readonly platforms?: readonly string[] } {
  const children = Array.isArray(manifests) ? manifests : [];
  const platforms = children.flatMap((child) =>
    isJsonObject(child) ? (parsePlatform(child["platform"]) ?? []) : [],
  );
  return platforms.length === 0 ? {} : { platforms };
}

function parseSubjectDescriptor(json: JsonObject): { readonly subject?: Descriptor } {
  const subject = json["subject"];
  return subject === undefined || subject === null ? {} : { subject: parseDescriptor(subject, "subject") };
}

function parseAnnotations(json: JsonObject) {
  return optionalAnnotations(json["annotations"], "the manifest's");
}

/** Parses a list of descriptors. Some encoders, such as Go's, write an empty list as `null`. */
function parseDescriptors(value: unknown, where: string): readonly Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${where} must be an array`);
  return value.map((item, index) => parseDescriptor(item, `${where}[${index}]`));
}

function parseJson(body: Uint8Array): JsonObject {
  const json = parseText(body);
  if (!isJsonObject(json)) throw invalid("the body is not a JSON object");
  return json;
}

function parseText(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    throw invalid("the body is not valid UTF-8 JSON");
  }
}

/**
 * Returns the media type of a manifest: from the header or the body, or as implied by its properties. An empty media type
 * counts as missing, since Go programs write empty strings for unset fields.
 */
function determineMediaType(json: JsonObject, contentType: string | undefined): ManifestMediaType {
  const declared = contentType ? withoutParameters(contentType) : undefined;
  const { mediaType: own } = optionalText("mediaType", json["mediaType"], "the manifest");
  // MUST: "If a manifest includes a `mediaType` field, clients MUST set the `Content-Type` header to the value
  // specified by the `mediaType` field."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
  if (own !== undefined && declared !== undefined && own !== declared) {
    throw invalid("its mediaType differs from the Content-Type header");
  }
  const mediaType = declared ?? own ?? guessMediaType(json);
  if (mediaType === undefined || !isManifestMediaType(mediaType)) {
    throw invalid(
      "the media type must be an OCI image manifest or index, or their Docker schema 2 equivalents",
    );
  }
  return mediaType;
}

function guessMediaType(json: JsonObject): ManifestMediaType | undefined {
  if (json["manifests"] !== undefined) return OCI_IMAGE_INDEX;
  return json["config"] === undefined ? undefined : OCI_IMAGE_MANIFEST;
}

/** Rejects a manifest that one client would interpret as an image and another as an index: CVE-2021-41190. */
function rejectAmbiguous(json: JsonObject, isIndex: boolean): void {
  const misplaced = isIndex ? ["config", "layers", "fsLayers"] : ["manifests", "fsLayers"];
  const found = misplaced.find((key) => json[key] !== undefined && json[key] !== null);
  if (found !== undefined) throw invalid(`a manifest of this media type cannot have ${found}`);
}

function invalid(problem: string): OciError {
  return new OciError("MANIFEST_INVALID", { message: `manifest invalid: ${problem}` });
}
