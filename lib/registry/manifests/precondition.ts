import type { Digest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { Tag } from "../../oci/reference.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import type { Condition } from "../../ports/record-store.ts";
import { type TagRecord, tagKey } from "../records.ts";
import type { Registry } from "../registry.ts";

/** What must be true before a manifest or a tag changes: it is not there, it is, or it has one of these digests. */
export type Precondition = "absent" | "present" | readonly Digest[];

/**
 * @param current the digest of what is there now; undefined when nothing is
 * @param about what the error is to name
 * @throws OciError `PRECONDITION_FAILED`
 */
export function demand(
  precondition: Precondition | undefined,
  current: Digest | undefined,
  about: { readonly tag?: Tag } = {},
): void {
  if (precondition === undefined || holds(precondition, current)) return;
  throw new OciError("PRECONDITION_FAILED", { detail: { ...about, digest: current ?? null } });
}

function holds(precondition: Precondition, current: Digest | undefined): boolean {
  if (precondition === "absent") return current === undefined;
  if (precondition === "present") return current !== undefined;
  return current !== undefined && precondition.includes(current);
}

/**
 * The condition under which a tag may change: it still is what it was when the precondition held.
 * @throws OciError `PRECONDITION_FAILED`
 */
export async function tagCondition(
  registry: Registry,
  name: RepositoryName,
  tag: Tag,
  precondition: Precondition | undefined,
): Promise<Condition<TagRecord> | undefined> {
  if (precondition === undefined) return undefined;
  const current = (await registry.records.get(tagKey(name, tag)))?.digest;
  demand(precondition, current, { tag });
  return current === undefined ? "absent" : { where: { digest: current } };
}
