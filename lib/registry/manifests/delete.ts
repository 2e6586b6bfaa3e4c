import type { Digest } from "../../oci/digest.ts";
import { parseManifest, targetsOf } from "../../oci/manifest.ts";
import { isDigestReference, isTag, type Reference, type Tag } from "../../oci/reference.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { inBatches, queryAllKeys } from "../../ports/batches.ts";
import { type Change, check, MAX_BATCH, remove } from "../../ports/record-store.ts";
import {
  lastPartOf,
  type ManifestRecord,
  manifestKey,
  manifestTagKey,
  referrerKey,
  tagSummaryKey,
} from "../records.ts";
import type { RegistryContext } from "../registry-context.ts";
import { retryOnConflict } from "../retry.ts";
import { loadManifest } from "./content.ts";
import { deleteDependencies, markForDeletion, removePush } from "./dependencies.ts";
import { manifestUnknown } from "./get.ts";
import { assertPrecondition, type Precondition } from "./precondition.ts";
import { RECORDS_PER_TAG, tagDeletionChanges, unlessMovedSince } from "./tag-changes.ts";
import { digestOf } from "./tag-summary.ts";

/**
 * Deletes a tag, or a manifest with all tags that point to it.
 * @throws OciError `MANIFEST_UNKNOWN`, `PRECONDITION_FAILED`; `DENIED` with status 405 when an index depends on the
 * manifest
 */
export async function deleteManifest(
  registry: RegistryContext,
  name: RepositoryName,
  reference: Reference,
  precondition?: Precondition,
): Promise<void> {
  if (isDigestReference(reference)) return await deleteByDigest(registry, name, reference, precondition);
  await deleteTag(registry, name, reference, precondition);
}

async function deleteTag(
  registry: RegistryContext,
  name: RepositoryName,
  tag: Tag,
  precondition: Precondition | undefined,
): Promise<void> {
  await retryOnConflict(async () => {
    const found = await registry.records.get(tagSummaryKey(name, tag));
    const digest = found && digestOf(found);
    assertPrecondition(precondition, digest, { tag });
    if (digest === undefined) throw manifestUnknown(tag);
    await registry.records.write(tagDeletionChanges(name, tag, digest, unlessMovedSince(found)));
  });
}

async function deleteByDigest(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
  precondition: Precondition | undefined,
): Promise<void> {
  const key = manifestKey(name, digest);
  await retryOnConflict(async () => {
    const value = await registry.records.get(key);
    assertPrecondition(precondition, value && digest);
    // MUST: "If the repository does not exist, the response MUST return `404 Not Found`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests
    if (value === undefined) throw manifestUnknown(digest);
    const body = await loadManifest(registry, digest, value);
    // If the bytes are lost, the dependencies remain. Without the manifest they have no effect; they are deleted with their targets.
    const targets = body === undefined ? [] : targetsOf(parseManifest(body, value.mediaType));
    const unlessChanged = { where: { push: value.push } };
    const mark = await markForDeletion(registry, name, digest, { key, value, unlessChanged });
    const unlessCleared = { where: { condemned: mark } };
    const last = [
      remove(key, unlessCleared),
      ...referrerDeletionChanges(name, digest, value),
      removePush(name, digest),
    ];
    await deleteWithTags(registry, name, digest, { last, unlessCleared: check(key, unlessCleared) });
    await deleteDependencies(registry, name, targets, { manifest: digest, push: value.push });
  });
}

/**
 * Deletes a manifest and the tags that point to it, in one or more writes.
 * @param changes.last the changes that delete the manifest
 * @param changes.unlessCleared the condition of all other writes
 * @throws ConditionFailedError when a tag is pushed at the same time: its push writes the manifest again, without the mark
 */
async function deleteWithTags(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
  { last, unlessCleared }: { readonly last: readonly Change[]; readonly unlessCleared: Change },
): Promise<void> {
  const tags: (readonly Change[])[] = [];
  for await (const key of queryAllKeys(registry.records, manifestTagKey(name, digest, ""))) {
    const tag = lastPartOf(key);
    if (isTag(tag)) tags.push(tagDeletionChanges(name, tag, digest));
  }
  const atomicTags = Math.floor((MAX_BATCH - last.length) / RECORDS_PER_TAG);
  for (const batch of inBatches(tags.slice(atomicTags), Math.floor((MAX_BATCH - 1) / RECORDS_PER_TAG))) {
    await registry.records.write([unlessCleared, ...batch.flat()]);
  }
  await registry.records.write([...tags.slice(0, atomicTags).flat(), ...last]);
}

/** Returns the changes that delete a manifest from its subject's referrers. */
function referrerDeletionChanges(
  name: RepositoryName,
  digest: Digest,
  { subject }: ManifestRecord,
): readonly Change[] {
  return subject === undefined ? [] : [remove(referrerKey(name, subject, digest))];
}
