import { type Digest, isDigest } from "./digest.ts";
import { OciError } from "./errors.ts";

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A type and a subtype of 127 characters each: RFC 6838, section 4.2. */
const MAX_MEDIA_TYPE = 255;

export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads one descriptor of a manifest; properties that a registry has no use for stay in the manifest's bytes.
 * @param where names the descriptor in the error, for example `layers[3]`
 * @throws OciError `MANIFEST_INVALID` or `DIGEST_INVALID`
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isJsonObject(value)) throw invalid(where, "must be a descriptor");
  const { mediaType, digest, size, artifactType, annotations } = value;
  if (typeof mediaType !== "string" || mediaType === "") throw invalid(where, "has no mediaType");
  if (mediaType.length > MAX_MEDIA_TYPE) throw invalid(where, "has a mediaType of more than 255 characters");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(where, "has no valid size");
  }
  return {
    mediaType,
    digest: descriptorDigest(digest, where),
    size,
    ...optionalText("artifactType", artifactType, where),
    ...optionalAnnotations(annotations, where),
  };
}

function descriptorDigest(digest: unknown, where: string): Digest {
  if (typeof digest !== "string") throw invalid(where, "has no digest");
  if (!isDigest(digest)) {
    throw new OciError("DIGEST_INVALID", {
      message: `${where} has a digest that is not sha256 or sha512 in lower-case hex`,
    });
  }
  return digest;
}

/** Reads an optional property, without which an empty one counts. */
export function optionalText<K extends string>(
  key: K,
  value: unknown,
  where: string,
): { readonly [key in K]?: string } {
  // MUST: "If the `artifactType` is empty or missing in an index, the `artifactType` MUST be omitted."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
  if (value === undefined || value === null || value === "") return {};
  if (typeof value !== "string") throw invalid(where, `${key} must be a string`);
  if (value.length > MAX_MEDIA_TYPE) throw invalid(where, `${key} has more than 255 characters`);
  return { [key]: value } as { [key in K]: string };
}

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
