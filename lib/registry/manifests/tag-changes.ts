import type { Digest } from "../../oci/digest.ts";
import type { Tag } from "../../oci/reference.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { type Change, put, remove } from "../../ports/record-store.ts";
import { manifestTagKey, type TagRecord, type TagSummaryRecord, tagKey, tagSummaryKey } from "../records.ts";
import type { RegistryContext } from "../registry-context.ts";
import { digestOf } from "./tag-summary.ts";

/*
 * A tag consists of three records that change in one write: the tag with its manifest, for pulls; its summary, for lists; and
 * its entry in the manifest's list of tags, for deleting the manifest. Every write is conditional on the tag's previous manifest,
 * so that the entry that is deleted is always that manifest's.
 */

/** A tag, and the manifest that it points to. */
export interface TagState {
  readonly tag: Tag;
  /** Absent when the tag does not exist. */
  readonly current?: Digest;
}

/** Reads the current manifests of tags, with one read of small records. */
export async function readTags(
  registry: RegistryContext,
  name: RepositoryName,
  tags: readonly Tag[],
): Promise<readonly TagState[]> {
  if (tags.length === 0) return [];
  const summaries = await registry.records.getMany(tags.map((tag) => tagSummaryKey(name, tag)));
  return tags.map((tag, index) => {
    const summary = summaries[index];
    return summary === undefined ? { tag } : { tag, current: digestOf(summary) };
  });
}

/** Returns the changes that move a tag, unless it has moved since it was read. */
export function tagMoveChanges(
  name: RepositoryName,
  { tag, current }: TagState,
  record: TagRecord,
  summary: TagSummaryRecord,
): readonly Change[] {
  const unlessMoved = current === undefined ? "absent" : { where: { digest: current } };
  const moved = [put(tagKey(name, tag), record, unlessMoved), put(tagSummaryKey(name, tag), summary)];
  if (current === record.digest) return moved;
  const before = current === undefined ? [] : [remove(manifestTagKey(name, current, tag))];
  return [...moved, ...before, put(manifestTagKey(name, record.digest, tag), {})];
}

/** Number of records per tag. A write that deletes tags contains all or none of a tag's records. */
export const RECORDS_PER_TAG = 3;

/** Returns the changes that delete a tag, unless it has moved since it was read. */
export function tagDeletionChanges(name: RepositoryName, tag: Tag, digest: Digest): readonly Change[] {
  return [
    remove(tagKey(name, tag), { where: { digest } }),
    remove(tagSummaryKey(name, tag)),
    remove(manifestTagKey(name, digest, tag)),
  ];
}
