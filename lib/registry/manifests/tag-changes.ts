import type { Digest } from "../../oci/digest.ts";
import type { Tag } from "../../oci/reference.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { type Change, type Condition, put, remove } from "../../ports/record-store.ts";
import { manifestTagKey, type TagRecord, type TagSummaryRecord, tagKey, tagSummaryKey } from "../records.ts";
import type { RegistryContext } from "../registry-context.ts";
import { digestOf } from "./tag-summary.ts";

/*
 * A tag consists of three records that change in one write: the tag with its manifest, for pulls; its summary, for lists; and
 * its entry in the manifest's list of tags, for deleting the manifest. Moving or deleting a tag is conditional on the id in the
 * summary that was read. Each push replaces the id, even a push of the same manifest, so a delayed or repeated write cannot
 * affect a tag that has been pushed again.
 */

/** A tag, and the manifest that it points to. */
export interface TagState {
  readonly tag: Tag;
  /** Absent when the tag does not exist. */
  readonly current?: Digest;
  readonly unlessMoved: Condition<TagSummaryRecord>;
}

/** Returns the condition that a tag has not been pushed or deleted since its summary was read. */
export function unlessMovedSince(summary: TagSummaryRecord | undefined): Condition<TagSummaryRecord> {
  return summary === undefined ? "absent" : { where: { id: summary.id } };
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
    const unlessMoved = unlessMovedSince(summary);
    return summary === undefined ? { tag, unlessMoved } : { tag, current: digestOf(summary), unlessMoved };
  });
}

/** Returns the changes that move a tag, unless it has moved since it was read. */
export function tagMoveChanges(
  name: RepositoryName,
  { tag, current, unlessMoved }: TagState,
  record: TagRecord,
  summary: TagSummaryRecord,
): readonly Change[] {
  const moved = [put(tagKey(name, tag), record), put(tagSummaryKey(name, tag), summary, unlessMoved)];
  if (current === record.digest) return moved;
  const before = current === undefined ? [] : [remove(manifestTagKey(name, current, tag))];
  return [...moved, ...before, put(manifestTagKey(name, record.digest, tag), {})];
}

/** Number of records per tag. A write that deletes tags contains all or none of a tag's records. */
export const RECORDS_PER_TAG = 3;

/**
 * Returns the changes that delete a tag, unless it names another manifest.
 * @param unlessMoved further condition; without it, the write must contain one that a push of the tag makes fail
 */
export function tagDeletionChanges(
  name: RepositoryName,
  tag: Tag,
  digest: Digest,
  unlessMoved?: Condition<TagSummaryRecord>,
): readonly Change[] {
  return [
    remove(tagKey(name, tag), { where: { digest } }),
    remove(tagSummaryKey(name, tag), unlessMoved),
    remove(manifestTagKey(name, digest, tag)),
  ];
}
