import type { Digest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";

/**
 * Creates the error for bytes that do not match the digest sent by the client: 400 `DIGEST_INVALID`.
 * @param computed actual digest, if this process computed it
 */
export function digestMismatch(expected: Digest, computed?: Digest): OciError {
  return new OciError("DIGEST_INVALID", { detail: { expected, ...(computed && { computed }) } });
}
