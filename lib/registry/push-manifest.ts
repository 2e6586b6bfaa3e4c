import { createHash } from "node:crypto";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Algorithm, algorithmOf, DEFAULT_ALGORITHM, type Digest, makeDigest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import { type Manifest, parseManifest } from "../oci/manifest.ts";
import type { Tag } from "../oci/reference.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import { getAll } from "./batches.ts";
import { storeManifest } from "./manifest-content.ts";
import { type Change, type Condition, type Key, put } from "./ports.ts";
import {
  blobKey,
  type Condemnable,
  lastPart,
  type ManifestRecord,
  manifestKey,
  repositoryKey,
  type TagRecord,
  tagKey,
} from "./records.ts";
import { revive, writeReferences } from "./references.ts";
import { referrerChanges } from "./referrers.ts";
import type { Registry } from "./registry.ts";
import { whileOvertaken } from "./retry.ts";

/** With the manifest, its referrer and its repository they are written in one go. */
export const MAX_TAGS = 90;

/** What the tags must be before the push: not there, there, or naming one of these manifests. */
export type Precondition = "absent" | "present" | readonly Digest[];

export interface ManifestPush {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  /** What the client says the digest is; it also chooses the algorithm. */
  readonly digest: Digest | undefined;
  readonly tags: readonly Tag[];
  readonly precondition: Precondition | undefined;
}

export interface PushedManifest {
  readonly digest: Digest;
  readonly subject: Digest | undefined;
}

/**
 * Stores a manifest, byte for byte, and moves the tags to it, all in one write at the end.
 * @throws OciError `MANIFEST_INVALID`, `DIGEST_INVALID`, `MANIFEST_BLOB_UNKNOWN` (an item for each missing blob),
 * `PRECONDITION_FAILED`
 */
export async function pushManifest(
  registry: Registry,
  name: RepositoryName,
  push: ManifestPush,
): Promise<PushedManifest> {
  const manifest = parseManifest(push.body, push.contentType);
  const digest = verifiedDigest(push);
  await whileOvertaken(async () => {
    const known = await registry.records.get(manifestKey(name, digest));
    const content = known ?? (await prepare(registry, name, push, manifest, digest));
    await writeManifest(registry, name, { push, manifest, digest, content, known: known !== undefined });
  });
  return { digest, subject: manifest.subject?.digest };
}

/**
 * Makes all that a manifest needs ready for it. What must be there is looked for twice: first, so that a manifest that
 * is refused leaves nothing behind, and again once the references protect it.
 */
async function prepare(
  registry: Registry,
  name: RepositoryName,
  push: ManifestPush,
  manifest: Manifest,
  digest: Digest,
): Promise<{ readonly body?: Uint8Array }> {
  await holdTargets(registry, name, manifest);
  const targets = [...manifest.blobs, ...manifest.children].map((descriptor) => descriptor.digest);
  await writeReferences(registry, name, [...new Set(targets)], digest);
  await holdTargets(registry, name, manifest);
  return await storeManifest(registry, digest, push.body);
}

function verifiedDigest({ body, digest }: ManifestPush): Digest {
  const computed = digestOf(body, digest === undefined ? DEFAULT_ALGORITHM : algorithmOf(digest));
  if (digest === undefined || digest === computed) return computed;
  throw new OciError("DIGEST_INVALID", { detail: { expected: digest, computed } });
}

function digestOf(body: Uint8Array, algorithm: Algorithm): Digest {
  return makeDigest(algorithm, createHash(algorithm).update(body).digest("hex"));
}

/**
 * The blobs must be there; children may be missing (a sparse index). Neither may vanish while the manifest arrives.
 * @throws OciError `MANIFEST_BLOB_UNKNOWN`
 */
async function holdTargets(registry: Registry, name: RepositoryName, manifest: Manifest): Promise<void> {
  const missing = await hold(registry, manifest.blobs, (digest) => blobKey(name, digest));
  if (missing.length > 0) {
    throw new OciError("MANIFEST_BLOB_UNKNOWN", { details: missing.map((digest) => ({ digest })) });
  }
  await hold(registry, manifest.children, (digest) => manifestKey(name, digest));
}

/** Stops removals that are under way. @returns the digests of what is not there */
async function hold(
  registry: Registry,
  descriptors: readonly Descriptor[],
  keyFor: (digest: Digest) => Key<Condemnable>,
): Promise<readonly Digest[]> {
  const digests = [...new Set(descriptors.map((descriptor) => descriptor.digest))];
  return await whileOvertaken(async () => {
    const found = await getAll(registry.records, digests.map(keyFor));
    const missing: Digest[] = [];
    for (const [index, digest] of digests.entries()) {
      const value = found[index];
      if (value === undefined) missing.push(digest);
      else await revive(registry, keyFor(digest), value);
    }
    return missing;
  });
}

interface Write {
  readonly push: ManifestPush;
  readonly manifest: Manifest;
  readonly digest: Digest;
  readonly content: { readonly body?: Uint8Array };
  /** The repository has this manifest already, and so all that it needs; a removal may be under way. */
  readonly known: boolean;
}

async function writeManifest(registry: Registry, name: RepositoryName, write: Write): Promise<void> {
  await registry.records.write([
    ...manifestChanges(registry, name, write),
    ...(await tagChanges(registry, name, write)),
    ...(write.known ? [] : await repositoryChanges(registry, name)),
  ]);
}

function manifestChanges(registry: Registry, name: RepositoryName, write: Write): readonly Change[] {
  const { push, manifest, digest, content, known } = write;
  const { mediaType, subject } = manifest;
  const size = push.body.length;
  const record: ManifestRecord = {
    mediaType,
    size,
    pushedAt: registry.now().toISOString(),
    ...inline(content),
    ...(subject === undefined ? {} : { subject: subject.digest }),
  };
  return [
    put(manifestKey(name, digest), record, known ? "present" : undefined),
    ...referrerChanges(name, digest, size, manifest),
  ];
}

async function tagChanges(
  registry: Registry,
  name: RepositoryName,
  write: Write,
): Promise<readonly Change[]> {
  const { push, manifest, digest, content } = write;
  const pushedAt = registry.now().toISOString();
  const { mediaType } = manifest;
  const record: TagRecord = { mediaType, size: push.body.length, digest, pushedAt, ...inline(content) };
  const changes: Change[] = [];
  for (const tag of push.tags) {
    const key = tagKey(name, tag);
    changes.push(put(key, record, await tagCondition(registry, key, push.precondition)));
  }
  return changes;
}

function inline({ body }: Write["content"]): { readonly body?: Uint8Array } {
  return body === undefined ? {} : { body };
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

async function repositoryChanges(registry: Registry, name: RepositoryName): Promise<readonly Change[]> {
  const key = repositoryKey(name);
  if ((await registry.records.get(key)) !== undefined) return [];
  return [put(key, { createdAt: registry.now().toISOString() }, "absent")];
}
