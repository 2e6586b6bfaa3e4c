import type { Descriptor } from "../../oci/descriptor.ts";
import { assertDescriptorCount } from "../../oci/descriptor-limit.ts";
import { algorithmOf, DEFAULT_ALGORITHM, type Digest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import { type Manifest, parseManifest, targetsOf } from "../../oci/manifest.ts";
import type { Tag } from "../../oci/reference.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { getAll } from "../../ports/batches.ts";
import { type Change, type Key, put } from "../../ports/record-store.ts";
import { isAvailable } from "../lost-content.ts";
import {
  blobLinkKey,
  type DeletionMark,
  type ManifestRecord,
  manifestKey,
  pushKey,
  repositoryKey,
  type TagRecord,
} from "../records.ts";
import type { RegistryContext } from "../registry-context.ts";
import { retryOnConflict } from "../retry.ts";
import { computeDigest, storeManifest } from "./content.ts";
import { checkPush, clearDeletionMark, writeDependencies } from "./dependencies.ts";
import { assertPrecondition, type Precondition } from "./precondition.ts";
import { referrerChanges } from "./referrers.ts";
import { readTags, type TagState, tagMoveChanges } from "./tag-changes.ts";
import { summarizeTag } from "./tag-summary.ts";

/**
 * Maximum number of tags per push. The atomic write of up to 100 records contains up to four records per tag, the manifest, its
 * referrer entry and its repository.
 */
export const MAX_TAGS_PER_PUSH = 15;

/** A request to push a manifest. */
export interface ManifestPush {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  /** The digest that the client expects. It also selects the algorithm. */
  readonly digest: Digest | undefined;
  readonly tags: readonly Tag[];
  readonly precondition: Precondition | undefined;
}

/** The result of a push. */
export interface PushedManifest {
  readonly digest: Digest;
  readonly subject: Digest | undefined;
}

/**
 * Stores a manifest byte for byte and moves the tags to it, with one atomic write at the end.
 * @throws OciError `MANIFEST_INVALID`, `DIGEST_INVALID`, `MANIFEST_BLOB_UNKNOWN` (an item for each missing blob),
 * `PRECONDITION_FAILED`
 */
export async function pushManifest(
  registry: RegistryContext,
  name: RepositoryName,
  push: ManifestPush,
): Promise<PushedManifest> {
  const manifest = parseManifest(push.body, push.contentType);
  assertDescriptorCount(manifest, registry.maxDescriptors);
  const incoming = { name, push, manifest, digest: verifyDigest(push) };
  await retryOnConflict(async () => {
    const [known, tags] = await Promise.all([
      registry.records.get(manifestKey(name, incoming.digest)),
      readTags(registry, name, push.tags),
    ]);
    checkPreconditions(incoming, tags, known);
    if (known === undefined) await pushNew(registry, incoming, tags);
    else await pushExisting(registry, incoming, tags, known);
  });
  return { digest: incoming.digest, subject: manifest.subject?.digest };
}

/**
 * Checks the preconditions first, so that a rejected push stores nothing. Without a tag, the precondition applies to the
 * manifest itself.
 */
function checkPreconditions(
  { push: { precondition }, digest }: IncomingManifest,
  tags: readonly TagState[],
  known: ManifestRecord | undefined,
): void {
  if (tags.length === 0) assertPrecondition(precondition, known && digest);
  for (const { tag, current } of tags) assertPrecondition(precondition, current, { tag });
}

/** Maximum number of missing blobs that an error lists, so that the response does not exceed the maximum manifest size. */
const MAX_LISTED_BLOBS = 1000;

interface IncomingManifest {
  readonly name: RepositoryName;
  readonly push: ManifestPush;
  readonly manifest: Manifest;
  readonly digest: Digest;
}

/**
 * Pushes a manifest that the repository already has. Its dependencies exist, unless the manifest is being deleted. Its bytes
 * are stored again, since they may have been lost.
 */
async function pushExisting(
  registry: RegistryContext,
  incoming: IncomingManifest,
  tags: readonly TagState[],
  known: ManifestRecord,
): Promise<void> {
  const { name, push, manifest, digest } = incoming;
  const { mediaType } = manifest;
  const record: ManifestRecord = {
    ...known,
    ...{ mediaType, pushedAt: registry.now().toISOString(), condemned: undefined, lost: undefined },
    ...(await storeManifest(registry, digest, push.body)),
  };
  await registry.records.write([
    put(manifestKey(name, digest), record, { where: { push: known.push } }),
    ...referrerChanges(name, digest, record.size, manifest),
    ...tagChanges(registry, incoming, tags, record),
  ]);
}

/**
 * Pushes a manifest that the repository does not have. Its blobs are checked twice: first, so that a rejected push stores
 * nothing, and again after writing the dependencies, which protect the blobs from deletion.
 */
async function pushNew(
  registry: RegistryContext,
  incoming: IncomingManifest,
  tags: readonly TagState[],
): Promise<void> {
  const { name, push, manifest, digest } = incoming;
  const targets = targetsOf(manifest);
  const [shared, repository] = await Promise.all([
    registry.records.get(pushKey(name, digest)),
    repositoryChanges(registry, name),
    protectTargets(registry, name, manifest),
  ]);
  const dependent = await writeDependencies(registry, name, targets, { manifest: digest, shared });
  await protectTargets(registry, name, manifest);
  const record: ManifestRecord = {
    mediaType: manifest.mediaType,
    size: push.body.length,
    push: dependent.push,
    pushedAt: registry.now().toISOString(),
    // MUST: "The registry MUST store the manifest in the exact byte representation provided by the client."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
    ...(await storeManifest(registry, digest, push.body)),
    ...(manifest.subject === undefined ? {} : { subject: manifest.subject.digest }),
  };
  await registry.records.write([
    put(manifestKey(name, digest), record, "absent"),
    checkPush(name, dependent),
    // MUST: "After the referrers API is enabled, Registries MUST include all newly pushed image manifests with
    // a valid `subject` field in the referrers API response."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#enabling-the-referrers-api
    ...referrerChanges(name, digest, record.size, manifest),
    ...tagChanges(registry, incoming, tags, record),
    ...repository,
  ]);
}

/** Returns the changes that move the tags of a push to its manifest. */
function tagChanges(
  registry: RegistryContext,
  { name, manifest, digest }: IncomingManifest,
  tags: readonly TagState[],
  { mediaType, size, pushedAt, body }: ManifestRecord,
): readonly Change[] {
  const record: TagRecord = { digest, mediaType, size, pushedAt, ...(body === undefined ? {} : { body }) };
  const summary = summarizeTag(registry, manifest, digest, size);
  return tags.flatMap((tag) => tagMoveChanges(name, tag, record, summary));
}

/** Computes the digest of a manifest. @throws OciError `DIGEST_INVALID` when it differs from the client's digest */
function verifyDigest({ body, digest }: ManifestPush): Digest {
  const computed = computeDigest(body, digest === undefined ? DEFAULT_ALGORITHM : algorithmOf(digest));
  if (digest === undefined || digest === computed) return computed;
  // MUST: "The Docker-Content-Digest header returns the canonical digest of the uploaded blob, and MUST be
  // equal to the client provided digest."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
  throw new OciError("DIGEST_INVALID", { detail: { expected: digest, computed } });
}

/**
 * Protects a manifest's blobs and children from deletions in progress. The blobs must exist; children may be missing (a sparse
 * index).
 * @throws OciError `MANIFEST_BLOB_UNKNOWN`
 */
async function protectTargets(
  registry: RegistryContext,
  name: RepositoryName,
  manifest: Manifest,
): Promise<void> {
  const blobs = digestsOf(manifest.blobs);
  // A child may be a blob: the cache of a build is an index of its layers. A digest may name both, and each can be deleted.
  const children = digestsOf(manifest.children).flatMap((digest) => [
    manifestKey(name, digest),
    blobLinkKey(name, digest),
  ]);
  const [links] = await Promise.all([
    protect(
      registry,
      blobs.map((digest) => blobLinkKey(name, digest)),
    ),
    protect(registry, children),
  ]);
  const missing = blobs.filter((_, index) => !isAvailable(links[index]));
  // MUST: "When a manifest is rejected for this reason, it MUST result in one or more `MANIFEST_BLOB_UNKNOWN`
  // errors <sup>[code-1](#error-codes)</sup>."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push
  if (missing.length > 0) {
    const listed = missing.slice(0, MAX_LISTED_BLOBS);
    throw new OciError("MANIFEST_BLOB_UNKNOWN", { details: listed.map((digest) => ({ digest })) });
  }
}

function digestsOf(descriptors: readonly Descriptor[]): readonly Digest[] {
  return [...new Set(descriptors.map((descriptor) => descriptor.digest))];
}

/** Makes deletions of records in progress fail. @returns the records, in the order of the keys */
async function protect<T extends DeletionMark>(
  registry: RegistryContext,
  keys: readonly Key<T>[],
): Promise<readonly (T | undefined)[]> {
  return await retryOnConflict(async () => {
    const found = await getAll(registry.records, keys);
    for (const [index, key] of keys.entries()) {
      const value = found[index];
      if (value !== undefined) await clearDeletionMark(registry, key, value);
    }
    return found;
  });
}

/** Returns the changes that create the repository, if this is its first manifest. */
async function repositoryChanges(
  registry: RegistryContext,
  name: RepositoryName,
): Promise<readonly Change[]> {
  const key = repositoryKey(name);
  if ((await registry.records.get(key)) !== undefined) return [];
  return [put(key, { createdAt: registry.now().toISOString() }, "absent")];
}
