import { type Digest, excerpt, isDigest, parseDigest } from "./digest.ts";
import { OciError } from "./errors.ts";

/**
 * A name for one manifest of a repository. It can be moved to another manifest.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
 */
export type Tag = string & { readonly tag: unique symbol };

/** A tag or a digest, with which a client requests a manifest. */
export type Reference = Tag | Digest;

const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Returns whether a text is a valid tag. */
export function isTag(text: string): text is Tag {
  // MUST: "Throughout this document, `<reference>` as a tag MUST be at most 128 characters in length and MUST
  // match the following regular expression:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
  return TAG.test(text);
}

/** Parses a tag. @throws OciError `MANIFEST_INVALID` */
export function parseTag(text: string): Tag {
  if (isTag(text)) return text;
  // MUST NOT: "The `<reference>` MUST NOT be in any other format."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
  throw new OciError("MANIFEST_INVALID", {
    message: "invalid tag: use up to 128 letters, digits, _ . or -, and do not begin with . or -",
    detail: { tag: excerpt(text) },
  });
}

/**
 * Parses a tag or a digest. Tags contain no colon, so a text with a colon is parsed as a digest.
 * @throws OciError `DIGEST_INVALID` or `MANIFEST_INVALID`
 */
export function parseReference(text: string): Reference {
  // MUST: "`<reference>` MUST be either (a) the digest of the manifest or (b) a tag."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
  // MUST: "`<name>` is the namespace of the repository, and the `<reference>` MUST be either a) a digest or b)
  // a tag."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
  return text.includes(":") ? parseDigest(text) : parseTag(text);
}

/** Returns whether a reference is a digest. */
export function isDigestReference(reference: Reference): reference is Digest {
  return isDigest(reference);
}
