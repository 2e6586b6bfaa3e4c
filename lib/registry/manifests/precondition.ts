import type { Digest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { Tag } from "../../oci/reference.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import type { Condition } from "../../ports/record-store.ts";
import { type TagRecord, tagKey } from "../records.ts";
import type { RegistryContext } from "../registry-context.ts";

/** The state that a manifest or tag must have before it changes: absent, present, or one of these digests. */
export type Precondition = "absent" | "present" | readonly Digest[];

/**
 * Verifies a precondition against the current state.
 * @param current the digest of the existing manifest, if there is one
 * @param about the fields that the error's detail has in addition
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

/**
 * Verifies a precondition of a tag and returns the condition for changing it: the tag has not moved since.
 * @throws OciError `PRECONDITION_FAILED`
 */
export async function tagCondition(
  registry: RegistryContext,
  name: RepositoryName,
  tag: Tag,
  precondition: Precondition | undefined,
): Promise<Condition<TagRecord> | undefined> {
  if (precondition === undefined) return undefined;
  const current = (await registry.records.get(tagKey(name, tag)))?.digest;
  assertPrecondition(precondition, current, { tag });
  return current === undefined ? "absent" : { where: { digest: current } };
}
