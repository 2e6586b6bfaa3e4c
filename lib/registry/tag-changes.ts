import type { Digest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import type { Tag } from "../oci/reference.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import { type Change, type Condition, type Key, put } from "./ports.ts";
import { lastPart, type ManifestRecord, type TagRecord, tagKey } from "./records.ts";
import type { Registry } from "./registry.ts";

/** What the tags must be before the push: not there, there, or naming one of these manifests. */
export type Precondition = "absent" | "present" | readonly Digest[];

/** What moves the tags of a push to its manifest. @throws OciError `PRECONDITION_FAILED` */
export async function tagChanges(
  registry: Registry,
  name: RepositoryName,
  { tags, precondition }: { readonly tags: readonly Tag[]; readonly precondition: Precondition | undefined },
  { digest, mediaType, size, pushedAt, body }: ManifestRecord & { readonly digest: Digest },
): Promise<readonly Change[]> {
  const record: TagRecord = { digest, mediaType, size, pushedAt, ...(body === undefined ? {} : { body }) };
  const changes: Change[] = [];
  for (const tag of tags) {
    const key = tagKey(name, tag);
    changes.push(put(key, record, await tagCondition(registry, key, precondition)));
  }
  return changes;
}

/** The tag still is what it was when the precondition held. @throws OciError `PRECONDITION_FAILED` */
async function tagCondition(
  registry: Registry,
  key: Key<TagRecord>,
  precondition: Precondition | undefined,
): Promise<Condition<TagRecord> | undefined> {
  if (precondition === undefined) return undefined;
  const current = (await registry.records.get(key))?.digest;
  if (!holds(precondition, current)) {
    throw new OciError("PRECONDITION_FAILED", { detail: { tag: lastPart(key), digest: current ?? null } });
  }
  return current === undefined ? "absent" : { where: { digest: current } };
}

function holds(precondition: Precondition, current: Digest | undefined): boolean {
  if (precondition === "absent") return current === undefined;
  if (precondition === "present") return current !== undefined;
  return current !== undefined && precondition.includes(current);
}
