import { OciError } from "./errors.ts";

/**
 * The algorithms that the image-spec registers and every client knows, with the length of their hex form.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#registered-algorithms
 */
const HEX_LENGTH = { sha256: 64, sha512: 128 } as const;

export type Algorithm = keyof typeof HEX_LENGTH;

/** `<algorithm>:<hex>`, well formed and of an algorithm that this registry can compute. */
export type Digest = `${Algorithm}:${string}` & { readonly digest: unique symbol };

export const DEFAULT_ALGORITHM: Algorithm = "sha256";

const HEX = /^[a-f0-9]+$/;

/** @throws OciError `DIGEST_INVALID` when the text is no digest, or one of an unsupported algorithm. */
export function parseDigest(text: string): Digest {
  // MUST: "If the request is invalid, such as a `<digest>` with an invalid syntax, a `400 Bad Request` MUST be
  // returned."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
  if (!isDigest(text)) {
    throw new OciError("DIGEST_INVALID", {
      message: "not a sha256 or sha512 digest in lower-case hex",
      detail: { digest: excerpt(text) },
    });
  }
  return text;
}

export function isDigest(text: string): text is Digest {
  const colon = text.indexOf(":");
  const algorithm = text.slice(0, colon);
  const hex = text.slice(colon + 1);
  return isAlgorithm(algorithm) && hex.length === HEX_LENGTH[algorithm] && HEX.test(hex);
}

/** @throws OciError `DIGEST_INVALID` when this registry cannot compute the algorithm. */
export function parseAlgorithm(text: string): Algorithm {
  if (isAlgorithm(text)) return text;
  throw new OciError("DIGEST_INVALID", {
    message: "unsupported digest algorithm: use sha256 or sha512",
    detail: { algorithm: excerpt(text) },
  });
}

function isAlgorithm(text: string): text is Algorithm {
  return Object.hasOwn(HEX_LENGTH, text);
}

export function makeDigest(algorithm: Algorithm, hex: string): Digest {
  return parseDigest(`${algorithm}:${hex}`);
}

export function algorithmOf(digest: Digest): Algorithm {
  return digest.startsWith("sha256:") ? "sha256" : "sha512";
}

export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** What may be repeated to a client of text that it sent: enough to recognise it, never all of a huge one. */
export function excerpt(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
