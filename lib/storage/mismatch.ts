import type { Digest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";

/** The bytes are not what the client said they would be. */
export function digestMismatch(expected: Digest, computed: Digest): OciError {
  return new OciError("DIGEST_INVALID", { detail: { expected, computed } });
}
