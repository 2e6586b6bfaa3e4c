import { type Digest, isDigest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { queryAll, writeBatches, writeWhatHolds } from "../../ports/batches.ts";
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
  type Condemnable,
  lastPart,
  manifestKey,
  pushKey,
  type ReferenceRecord,
  referenceKey,
} from "../records.ts";
import { epochSeconds, type Registry } from "../registry.ts";

/*
 * A push and a deletion at the same time leave no manifest without its dependencies. The push first writes its
 * dependencies, then checks that their targets exist. The deletion first marks the target, then looks for dependencies.
 * So at least one of the two sees the other: the deletion gives up, or the push clears the mark, on which the last step of
 * the deletion depends. docs/architecture.md#removal
 */

/** Seconds for which a dependency without its manifest belongs to a push in progress; after that, it is abandoned. */
const PUSH_TIMEOUT_SECONDS = 15 * 60;

/** A manifest that has dependencies, and the id that all of them have. */
export interface Referrer {
  readonly manifest: Digest;
  readonly push: string;
}

/**
 * Writes the dependencies of a manifest that has yet to be written. Concurrent pushes of the same manifest share the id of
 * the first.
 * @throws ConditionFailedError when the first push has started or ended since it was read
 */
export async function writeReferences(
  registry: Registry,
  name: RepositoryName,
  targets: readonly Digest[],
  manifest: Digest,
): Promise<Referrer> {
  const key = pushKey(name, manifest);
  const shared = await registry.records.get(key);
  const push = shared?.push ?? registry.newId();
  const value = { at: epochSeconds(registry.now()), push };
  await writeBatches(registry.records, [
    put(key, { push }, shared === undefined ? "absent" : { where: { push } }),
    ...targets.map((target) => put(referenceKey(name, target, manifest), value)),
  ]);
  return { manifest, push };
}

/** Returns the condition of the last write of a push: its dependencies have not been deleted as abandoned ones. */
export function referencesHold(name: RepositoryName, { manifest, push }: Referrer): Change {
  return check(pushKey(name, manifest), { where: { push } });
}

/** Returns the change that invalidates the dependencies of a manifest, for the write that deletes the manifest. */
export function referencesEnd(name: RepositoryName, manifest: Digest): Change {
  return remove(pushKey(name, manifest));
}

/** Deletes the dependencies of a deleted manifest, except those of a push that stores it again. */
export async function removeReferences(
  registry: Registry,
  name: RepositoryName,
  targets: readonly Digest[],
  { manifest, push }: Referrer,
): Promise<void> {
  const changes = targets.map((target) => remove(referenceKey(name, target, manifest), { where: { push } }));
  await writeWhatHolds(registry.records, changes);
}

/** A record to delete, as it was read, with the condition under which it has not been replaced since. */
interface DeletionTarget<T extends Condemnable> {
  readonly key: Key<T>;
  readonly value: T;
  readonly unlessChanged: Condition<T>;
}

/**
 * Marks a record for deletion, unless a manifest depends on it.
 * @returns the mark; the deletion must be conditional on it
 * @throws OciError `DENIED` with status 405 that names a manifest that depends on the record
 */
export async function condemn<T extends Condemnable>(
  registry: Registry,
  name: RepositoryName,
  digest: Digest,
  target: DeletionTarget<T>,
): Promise<string> {
  const mark = registry.newId();
  const condemned = { ...target.value, condemned: mark };
  await registry.records.write([put(target.key, condemned, target.unlessChanged)]);
  const dependent = await findLiveDependency(registry, name, digest);
  if (dependent === undefined) return mark;
  await revive(registry, target.key, condemned);
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
export async function revive(registry: Registry, key: Key<Condemnable>, value: Condemnable): Promise<void> {
  if (value.condemned === undefined) return;
  const cleared = { ...value, condemned: undefined };
  await registry.records.write([put(key, cleared, { where: { condemned: value.condemned } })]);
}

/** Returns a manifest that depends on the digest, and deletes abandoned dependencies on it. */
async function findLiveDependency(
  registry: Registry,
  name: RepositoryName,
  digest: Digest,
): Promise<Digest | undefined> {
  const abandonedBefore = epochSeconds(registry.now()) - PUSH_TIMEOUT_SECONDS;
  for await (const { key, value } of queryAll(registry.records, referenceKey(name, digest, ""))) {
    const dependent = lastPart(key);
    if (!isDigest(dependent)) continue;
    if (value.at > abandonedBefore) return dependent;
    if ((await registry.records.get(manifestKey(name, dependent))) !== undefined) return dependent;
    await deleteAbandonedDependency(registry, name, dependent, { key, value });
  }
  return undefined;
}

/** Deletes a dependency of a push that timed out. If the push continues, it conflicts and writes its dependencies again. */
async function deleteAbandonedDependency(
  registry: Registry,
  name: RepositoryName,
  manifest: Digest,
  { key, value }: Entry<ReferenceRecord>,
): Promise<void> {
  await registry.records.write([
    check(manifestKey(name, manifest), "absent"),
    remove(key, { where: value }),
    referencesEnd(name, manifest),
  ]);
}
