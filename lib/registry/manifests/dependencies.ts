import { type Digest, isDigest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { queryAll, writeBatches, writeSkippingConflicts } from "../../ports/batches.ts";
import {
  type Change,
  type Condition,
  check,
  type Entry,
  type Key,
  put,
  remove,
} from "../../ports/record-store.ts";
import {
  type DeletionMark,
  type DependencyRecord,
  dependencyKey,
  lastPartOf,
  manifestKey,
  type PushRecord,
  pushKey,
} from "../records.ts";
import { type RegistryContext, toEpochSeconds } from "../registry-context.ts";

/*
 * A concurrent push and deletion never leave a manifest without its dependencies. The push first writes its dependency records,
 * then checks that the targets exist. The deletion first marks the target, then looks for dependency records. So at least one
 * of the two sees the other: the deletion gives up, or the push clears the mark, on which the deletion's last step is
 * conditional. docs/architecture.md#removal
 */

/** Seconds for which a dependency without its manifest belongs to a push in progress; after that, it is abandoned. */
const PUSH_TIMEOUT_SECONDS = 15 * 60;

/** A manifest with dependencies, and the push id that they share. */
export interface Dependent {
  readonly manifest: Digest;
  readonly push: string;
}

/**
 * Writes the dependencies of a manifest before the manifest itself. Concurrent pushes of the same manifest share the id of the
 * first push.
 * @param shared the push record as it was read
 * @throws ConditionFailedError when the first push has started or ended since its record was read
 */
export async function writeDependencies(
  registry: RegistryContext,
  name: RepositoryName,
  targets: readonly Digest[],
  { manifest, shared }: { readonly manifest: Digest; readonly shared: PushRecord | undefined },
): Promise<Dependent> {
  const key = pushKey(name, manifest);
  const push = shared?.push ?? registry.newId();
  const value = { at: toEpochSeconds(registry.now()), push };
  await writeBatches(registry.records, [
    put(key, { push }, shared === undefined ? "absent" : { where: { push } }),
    ...targets.map((target) => put(dependencyKey(name, target, manifest), value)),
  ]);
  return { manifest, push };
}

/** Returns the condition for the last write of a push: its dependencies have not been deleted as abandoned. */
export function checkPush(name: RepositoryName, { manifest, push }: Dependent): Change {
  return check(pushKey(name, manifest), { where: { push } });
}

/** Returns the change that invalidates the dependencies of a manifest, for the write that deletes the manifest. */
export function removePush(name: RepositoryName, manifest: Digest): Change {
  return remove(pushKey(name, manifest));
}

/** Deletes the dependencies of a deleted manifest, except those of a push that stores it again. */
export async function deleteDependencies(
  registry: RegistryContext,
  name: RepositoryName,
  targets: readonly Digest[],
  { manifest, push }: Dependent,
): Promise<void> {
  const changes = targets.map((target) => remove(dependencyKey(name, target, manifest), { where: { push } }));
  await writeSkippingConflicts(registry.records, changes);
}

/** A record to delete, as it was read, with the condition that it has not been replaced since. */
interface DeletionTarget<T extends DeletionMark> {
  readonly key: Key<T>;
  readonly value: T;
  readonly unlessChanged: Condition<T>;
}

/**
 * Marks a record for deletion, unless a manifest depends on it.
 * @returns the mark; the deletion must be conditional on it
 * @throws OciError `DENIED` with status 405 and the name of a manifest that depends on the record
 */
export async function markForDeletion<T extends DeletionMark>(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
  target: DeletionTarget<T>,
): Promise<string> {
  const mark = registry.newId();
  const condemned = { ...target.value, condemned: mark };
  await registry.records.write([put(target.key, condemned, target.unlessChanged)]);
  const dependent = await findLiveDependency(registry, name, digest);
  if (dependent === undefined) return mark;
  await clearDeletionMark(registry, target.key, condemned);
  throw new OciError("DENIED", {
    status: 405,
    message: `manifest ${dependent} depends on ${digest}: delete that manifest first`,
    detail: { digest, neededBy: dependent },
  });
}

/**
 * Clears the mark of a deletion in progress, which then fails.
 * @throws ConditionFailedError when the deletion has completed
 */
export async function clearDeletionMark(
  registry: RegistryContext,
  key: Key<DeletionMark>,
  value: DeletionMark,
): Promise<void> {
  if (value.condemned === undefined) return;
  const cleared = { ...value, condemned: undefined };
  await registry.records.write([put(key, cleared, { where: { condemned: value.condemned } })]);
}

/** Returns a manifest that depends on the digest, and deletes abandoned dependencies on it. */
async function findLiveDependency(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
): Promise<Digest | undefined> {
  const abandonedBefore = toEpochSeconds(registry.now()) - PUSH_TIMEOUT_SECONDS;
  for await (const { key, value } of queryAll(registry.records, dependencyKey(name, digest, ""))) {
    const dependent = lastPartOf(key);
    if (!isDigest(dependent)) continue;
    if (value.at > abandonedBefore) return dependent;
    if ((await registry.records.get(manifestKey(name, dependent))) !== undefined) return dependent;
    await deleteAbandonedDependency(registry, name, dependent, { key, value });
  }
  return undefined;
}

/** Deletes a dependency of a timed-out push. If the push continues, its next write conflicts, and it starts again. */
async function deleteAbandonedDependency(
  registry: RegistryContext,
  name: RepositoryName,
  manifest: Digest,
  { key, value }: Entry<DependencyRecord>,
): Promise<void> {
  await registry.records.write([
    check(manifestKey(name, manifest), "absent"),
    remove(key, { where: value }),
    removePush(name, manifest),
  ]);
}
