import type { Digest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";

/**
 * Creates the error for bytes that do not have the digest named by the client: 400 `DIGEST_INVALID`.
 * @param computed the digest of the bytes, unless only the store knows it
 */
export function digestMismatch(expected: Digest, computed?: Digest): OciError {
  return new OciError("DIGEST_INVALID", { detail: { expected, ...(computed && { computed }) } });
}
