import { type Digest, excerpt, isDigest, parseDigest } from "./digest.ts";
import { OciError } from "./errors.ts";

/**
 * A name that a repository gives to one of its manifests at a time.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
 */
export type Tag = string & { readonly tag: unique symbol };

/** A tag or a digest, by which a client requests a manifest. */
export type Reference = Tag | Digest;

const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Returns whether a text is a valid tag. */
export function isTag(text: string): text is Tag {
  return TAG.test(text);
}

/** Parses a tag. @throws OciError `MANIFEST_INVALID` */
export function parseTag(text: string): Tag {
  if (isTag(text)) return text;
  throw new OciError("MANIFEST_INVALID", {
    message: "invalid tag: use up to 128 letters, digits, _ . or -, and do not begin with . or -",
    detail: { tag: excerpt(text) },
  });
}

/**
 * Parses a tag or a digest. A tag has no colon, so a text with one is parsed as a digest.
 * @throws OciError `DIGEST_INVALID` or `MANIFEST_INVALID`
 */
export function parseReference(text: string): Reference {
  return text.includes(":") ? parseDigest(text) : parseTag(text);
}

/** Returns whether a reference is a digest. */
export function isDigestReference(reference: Reference): reference is Digest {
  return isDigest(reference);
}
