import type { Digest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { Tag } from "../../oci/reference.ts";

/** The state that a manifest or tag must have before it changes: absent, present, or one of these digests. */
export type Precondition = "absent" | "present" | readonly Digest[];

/**
 * Verifies a precondition against the current state.
 * @param current the digest of the existing manifest, if there is one
 * @param about additional fields for the error's detail
 * @throws OciError `PRECONDITION_FAILED`
 */
export function assertPrecondition(
  precondition: Precondition | undefined,
  current: Digest | undefined,
  about: { readonly tag?: Tag } = {},
): void {
  if (precondition === undefined || isFulfilled(precondition, current)) return;
  throw new OciError("PRECONDITION_FAILED", { detail: { ...about, digest: current ?? null } });
}

function isFulfilled(precondition: Precondition, current: Digest | undefined): boolean {
  if (precondition === "absent") return current === undefined;
  if (precondition === "present") return current !== undefined;
  return current !== undefined && precondition.includes(current);
}
