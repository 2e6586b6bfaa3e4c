import { createHash } from "node:crypto";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type Algorithm, algorithmOf, DEFAULT_ALGORITHM, type Digest, makeDigest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import { type Manifest, parseManifest, targetsOf } from "../../oci/manifest.ts";
import type { Tag } from "../../oci/reference.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { getAll } from "../../ports/batches.ts";
import { type Change, type Key, put } from "../../ports/record-store.ts";
import { blobKey, type Condemnable, type ManifestRecord, manifestKey, repositoryKey } from "../records.ts";
import type { Registry } from "../registry.ts";
import { whileOvertaken } from "../retry.ts";
import { storeManifest } from "./content.ts";
import { referencesHold, revive, writeReferences } from "./dependencies.ts";
import { demand, type Precondition, tagCondition } from "./precondition.ts";
import { referrerChanges } from "./referrers.ts";
import { tagChanges } from "./tag-changes.ts";

/** With the manifest, its referrer and its repository they are written in one go. */
export const MAX_TAGS = 90;

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
  const arrival = { name, push, manifest, digest: verifiedDigest(push) };
  await whileOvertaken(async () => {
    const known = await registry.records.get(manifestKey(name, arrival.digest));
    await demandBeforehand(registry, arrival, known);
    if (known === undefined) await pushNew(registry, arrival);
    else await pushKnown(registry, arrival, known);
  });
  return { digest: arrival.digest, subject: manifest.subject?.digest };
}

/** A push that is refused leaves nothing behind. Without a tag the precondition is about the manifest itself. */
async function demandBeforehand(
  registry: Registry,
  { name, push, digest }: Arrival,
  known: ManifestRecord | undefined,
): Promise<void> {
  const { tags, precondition } = push;
  if (tags.length === 0) demand(precondition, known && digest);
  for (const tag of tags) await tagCondition(registry, name, tag, precondition);
}

/** Of missing blobs, lest the answer be longer than a manifest may be. */
const MAX_TOLD = 1000;

interface Arrival {
  readonly name: RepositoryName;
  readonly push: ManifestPush;
  readonly manifest: Manifest;
  readonly digest: Digest;
}

/** The repository has the manifest already, and so all that it needs, unless a removal is quicker. */
async function pushKnown(registry: Registry, arrival: Arrival, known: ManifestRecord): Promise<void> {
  const { name, push, manifest, digest } = arrival;
  const { mediaType } = manifest;
  const record = { ...known, mediaType, pushedAt: registry.now().toISOString(), condemned: undefined };
  await registry.records.write([
    put(manifestKey(name, digest), record, { where: { push: known.push } }),
    ...referrerChanges(name, digest, record.size, manifest),
    ...(await tagChanges(registry, name, push, { ...record, digest })),
  ]);
}

/**
 * What must be there is looked for twice: first, so that a manifest that is refused leaves nothing behind, and again
 * once the references protect it.
 */
async function pushNew(registry: Registry, arrival: Arrival): Promise<void> {
  const { name, push, manifest, digest } = arrival;
  const targets = targetsOf(manifest);
  await holdTargets(registry, name, manifest);
  const referrer = await writeReferences(registry, name, targets, digest);
  await holdTargets(registry, name, manifest);
  const record: ManifestRecord = {
    mediaType: manifest.mediaType,
    size: push.body.length,
    push: referrer.push,
    pushedAt: registry.now().toISOString(),
    // MUST: "The registry MUST store the manifest in the exact byte representation provided by the client."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
    ...(await storeManifest(registry, digest, push.body)),
    ...(manifest.subject === undefined ? {} : { subject: manifest.subject.digest }),
  };
  await registry.records.write([
    put(manifestKey(name, digest), record, "absent"),
    referencesHold(name, referrer),
    // MUST: "After the referrers API is enabled, Registries MUST include all newly pushed image manifests with
    // a valid `subject` field in the referrers API response."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#enabling-the-referrers-api
    ...referrerChanges(name, digest, record.size, manifest),
    ...(await tagChanges(registry, name, push, { ...record, digest })),
    ...(await repositoryChanges(registry, name)),
  ]);
}

function verifiedDigest({ body, digest }: ManifestPush): Digest {
  const computed = digestOf(body, digest === undefined ? DEFAULT_ALGORITHM : algorithmOf(digest));
  if (digest === undefined || digest === computed) return computed;
  // MUST: "The Docker-Content-Digest header returns the canonical digest of the uploaded blob, and MUST be
  // equal to the client provided digest."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
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
  // MUST: "When a manifest is rejected for this reason, it MUST result in one or more `MANIFEST_BLOB_UNKNOWN`
  // errors <sup>[code-1](#error-codes)</sup>."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push
  if (missing.length > 0) {
    const told = missing.slice(0, MAX_TOLD);
    throw new OciError("MANIFEST_BLOB_UNKNOWN", { details: told.map((digest) => ({ digest })) });
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

async function repositoryChanges(registry: Registry, name: RepositoryName): Promise<readonly Change[]> {
  const key = repositoryKey(name);
  if ((await registry.records.get(key)) !== undefined) return [];
  return [put(key, { createdAt: registry.now().toISOString() }, "absent")];
}
