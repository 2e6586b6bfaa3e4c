import { OciError } from "./errors.ts";

/**
 * Algorithms that the image spec registers and every client supports, with the length of their digests in hex.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#registered-algorithms
 */
const HEX_LENGTHS = { sha256: 64, sha512: 128 } as const;

/** A digest algorithm that this registry can compute. */
export type Algorithm = keyof typeof HEX_LENGTHS;

/** A well-formed digest, `<algorithm>:<hex>`, of a supported algorithm. */
export type Digest = `${Algorithm}:${string}` & { readonly digest: unique symbol };

/** The algorithm that is used when the client has not sent a digest. */
export const DEFAULT_ALGORITHM: Algorithm = "sha256";

const HEX = /^[a-f0-9]+$/;

/** Parses a digest. @throws OciError `DIGEST_INVALID` when it is malformed or its algorithm is unsupported */
export function parseDigest(text: string): Digest {
  // MUST: "If the request is invalid, such as a `<digest>` with an invalid syntax, a `400 Bad Request` MUST be
  // returned."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
  if (!isDigest(text)) {
    throw new OciError("DIGEST_INVALID", {
      message: "invalid digest: use a sha256 or sha512 digest in lower-case hex",
      detail: { digest: excerpt(text) },
    });
  }
  return text;
}

/** Returns whether a text is a valid digest. */
export function isDigest(text: string): text is Digest {
  const colon = text.indexOf(":");
  const algorithm = text.slice(0, colon);
  const hex = text.slice(colon + 1);
  return isAlgorithm(algorithm) && hex.length === HEX_LENGTHS[algorithm] && HEX.test(hex);
}

/** Parses the name of an algorithm. @throws OciError `DIGEST_INVALID` when it is unsupported */
export function parseAlgorithm(text: string): Algorithm {
  if (isAlgorithm(text)) return text;
  throw new OciError("DIGEST_INVALID", {
    message: "unsupported digest algorithm: use sha256 or sha512",
    detail: { algorithm: excerpt(text) },
  });
}

function isAlgorithm(text: string): text is Algorithm {
  return Object.hasOwn(HEX_LENGTHS, text);
}

/** Creates a digest. @throws OciError `DIGEST_INVALID` when the hex is malformed */
export function makeDigest(algorithm: Algorithm, hex: string): Digest {
  return parseDigest(`${algorithm}:${hex}`);
}

/** Returns the algorithm of a digest. */
export function algorithmOf(digest: Digest): Algorithm {
  return digest.startsWith("sha256:") ? "sha256" : "sha512";
}

/** Returns the hash of a digest in hex. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** Maximum number of characters of client input that an error repeats. */
const MAX_EXCERPT_LENGTH = 200;

/** Shortens client input for an error message to a length at which it is still recognizable. */
export function excerpt(text: string): string {
  return text.length <= MAX_EXCERPT_LENGTH ? text : `${text.slice(0, MAX_EXCERPT_LENGTH)}…`;
}
