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

/**
 * How a push and a removal that meet leave nothing broken. The push first writes its references, then looks whether
 * their targets are there. The removal first condemns the target, then looks for references. So at least one of the
 * two sees the other: the removal gives up, or the push clears the mark, on which the last step of the removal
 * depends. docs/architecture.md#removal
 */

/** A reference without its manifest belongs to a push that is under way, for so long; then it is a leftover. */
const PUSH_LIMIT_SECONDS = 15 * 60;

/** The manifest that needs something, and the id that all of its references have. */
export interface Referrer {
  readonly manifest: Digest;
  readonly push: string;
}

/**
 * Says that a manifest, which is still to be written, needs the targets. Pushes of the same manifest that meet share
 * the id of the first.
 * @throws ConditionFailedError when that came or went meanwhile
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

/** What the last write of a push depends on: nobody has taken its references for those of a push that is over. */
export function referencesHold(name: RepositoryName, { manifest, push }: Referrer): Change {
  return check(pushKey(name, manifest), { where: { push } });
}

/** What goes in one write with a manifest. From then on its references do not hold any more. */
export function referencesEnd(name: RepositoryName, manifest: Digest): Change {
  return remove(pushKey(name, manifest));
}

/** Removes the references of a manifest that is gone, but not those of a push that brings it again. */
export async function removeReferences(
  registry: Registry,
  name: RepositoryName,
  targets: readonly Digest[],
  { manifest, push }: Referrer,
): Promise<void> {
  const changes = targets.map((target) => remove(referenceKey(name, target, manifest), { where: { push } }));
  await writeWhatHolds(registry.records, changes);
}

/** What is to be removed, as it was seen. What has come in its place meanwhile must not be replaced by it. */
interface Target<T extends Condemnable> {
  readonly key: Key<T>;
  readonly value: T;
  readonly unlessChanged: Condition<T>;
}

/**
 * Marks a record as about to be removed, unless a manifest needs it.
 * @returns the mark: the removal must depend on it still being there
 * @throws OciError `DENIED` with status 405, naming a manifest that needs it
 */
export async function condemn<T extends Condemnable>(
  registry: Registry,
  name: RepositoryName,
  digest: Digest,
  target: Target<T>,
): Promise<string> {
  const mark = registry.newId();
  const condemned = { ...target.value, condemned: mark };
  await registry.records.write([put(target.key, condemned, target.unlessChanged)]);
  const needing = await liveReference(registry, name, digest);
  if (needing === undefined) return mark;
  await revive(registry, target.key, condemned);
  throw new OciError("DENIED", {
    status: 405,
    message: `${digest} is needed by manifest ${needing}: delete that first`,
    detail: { digest, neededBy: needing },
  });
}

/**
 * Clears the mark of a removal that is under way, which thereby fails.
 * @throws ConditionFailedError when it was quicker
 */
export async function revive(registry: Registry, key: Key<Condemnable>, value: Condemnable): Promise<void> {
  if (value.condemned === undefined) return;
  const cleared = { ...value, condemned: undefined };
  await registry.records.write([put(key, cleared, { where: { condemned: value.condemned } })]);
}

async function liveReference(
  registry: Registry,
  name: RepositoryName,
  digest: Digest,
): Promise<Digest | undefined> {
  const leftoverBefore = epochSeconds(registry.now()) - PUSH_LIMIT_SECONDS;
  for await (const { key, value } of queryAll(registry.records, referenceKey(name, digest, ""))) {
    const from = lastPart(key);
    if (!isDigest(from)) continue;
    if (value.at > leftoverBefore) return from;
    if ((await registry.records.get(manifestKey(name, from))) !== undefined) return from;
    await removeLeftover(registry, name, from, { key, value });
  }
  return undefined;
}

/** Should the push go on after all, it finds that its references do not hold, and writes them anew. */
async function removeLeftover(
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
