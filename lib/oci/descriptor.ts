import { type Digest, isDigest } from "./digest.ts";
import { OciError } from "./errors.ts";

/**
 * A descriptor, with which a manifest refers to content. Contains only the properties that the registry reads.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Maximum number of characters in a media type: type and subtype with 127 characters each, and a slash.
 * @see https://www.rfc-editor.org/rfc/rfc6838.html#section-4.2
 */
const MAX_MEDIA_TYPE_LENGTH = 255;

/** A parsed JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/** Returns whether a parsed JSON value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parses a descriptor. Properties that the registry does not use are kept only in the manifest's bytes.
 * @param where the name of the descriptor in errors, for example `layers[3]`
 * @throws OciError `MANIFEST_INVALID` or `DIGEST_INVALID`
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isJsonObject(value)) throw invalid(where, "must be a descriptor");
  const { mediaType, digest, size, artifactType, annotations } = value;
  if (typeof mediaType !== "string" || mediaType === "") throw invalid(where, "has no mediaType");
  if (mediaType.length > MAX_MEDIA_TYPE_LENGTH)
    throw invalid(where, "has a mediaType of more than 255 characters");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(where, "has no valid size");
  }
  return {
    mediaType,
    digest: parseDescriptorDigest(digest, where),
    size,
    ...optionalText("artifactType", artifactType, where),
    ...optionalAnnotations(annotations, where),
  };
}

function parseDescriptorDigest(digest: unknown, where: string): Digest {
  if (typeof digest !== "string") throw invalid(where, "has no digest");
  if (!isDigest(digest)) {
    throw new OciError("DIGEST_INVALID", {
      message: `${where} has a digest that is not sha256 or sha512 in lower-case hex`,
    });
  }
  return digest;
}

/** Parses an optional property; an empty one counts as missing. @throws OciError `MANIFEST_INVALID` */
export function optionalText<K extends string>(
  key: K,
  value: unknown,
  where: string,
): { readonly [key in K]?: string } {
  // MUST: "If the `artifactType` is empty or missing in an index, the `artifactType` MUST be omitted."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
  if (value === undefined || value === null || value === "") return {};
  if (typeof value !== "string") throw invalid(where, `${key} must be a string`);
  if (value.length > MAX_MEDIA_TYPE_LENGTH) throw invalid(where, `${key} has more than 255 characters`);
  return { [key]: value } as { [key in K]: string };
}

/** Parses optional annotations. @throws OciError `MANIFEST_INVALID` */
export function optionalAnnotations(
  value: unknown,
  where: string,
): { readonly annotations?: Readonly<Record<string, string>> } {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value) || !isStringMap(value)) {
    throw invalid(where, "annotations must map strings to strings");
  }
  return { annotations: value };
}

function isStringMap(value: JsonObject): value is Readonly<Record<string, string>> {
  return Object.values(value).every((item) => typeof item === "string");
}

function invalid(where: string, problem: string): OciError {
  return new OciError("MANIFEST_INVALID", { message: `manifest invalid: ${where} ${problem}` });
}
