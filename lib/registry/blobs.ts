import type { Digest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import type { ByteRange } from "../oci/range.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import { getAll } from "../ports/batches.ts";
import type { BlobStat } from "../ports/blob-store.ts";
import type { Body } from "../ports/body.ts";
import { type Change, ConditionFailedError, check, put, remove } from "../ports/record-store.ts";
import { isAvailable, markLostBlob } from "./lost-content.ts";
import { clearDeletionMark, markForDeletion } from "./manifests/dependencies.ts";
import { type BlobLinkRecord, blobLinkKey, holderKey, lastPartOf } from "./records.ts";
import type { RegistryContext } from "./registry-context.ts";
import { retryOnConflict } from "./retry.ts";

/**
 * Returns the size of a blob in a repository with a single record read: a linked blob is stored, unless reading it has failed.
 * @throws OciError `BLOB_UNKNOWN`
 */
export async function statBlob(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
): Promise<BlobStat> {
  const link = await findBlob(registry, name, digest);
  if (link.lost === true) throw blobUnknown(digest);
  return { size: link.size };
}

/** Returns a repository's link to a blob, whose bytes may be lost. @throws OciError `BLOB_UNKNOWN` */
export async function findBlob(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
): Promise<BlobLinkRecord> {
  const link = await registry.records.get(blobLinkKey(name, digest));
  // MUST: "If the blob is not found in the repository, the response code MUST be `404 Not Found`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
  // MUST: "If the blob or manifest is not found in the repository, the response code MUST be `404 Not Found`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry
  if (link === undefined) throw blobUnknown(digest);
  return link;
}

/**
 * Returns the bytes of a blob, and marks them as lost if they are missing.
 * @param link the link returned by `findBlob`
 * @throws OciError `BLOB_UNKNOWN`
 */
export async function getBlob(
  registry: RegistryContext,
  digest: Digest,
  link: BlobLinkRecord,
  range?: ByteRange,
): Promise<Body> {
  const body = await registry.blobs.get(digest, range, link.size);
  if (body === undefined) {
    await markLostBlob(registry, digest, true);
    throw blobUnknown(digest);
  }
  if (link.lost === true) await markLostBlob(registry, digest, undefined);
  return body;
}

/** Returns a URL from which the client can fetch the blob, or undefined if the store does not support this. */
export async function locateBlob(registry: RegistryContext, digest: Digest): Promise<string | undefined> {
  return await registry.blobs.locate?.(digest);
}

/**
 * Stores a blob that arrives in a single request and whose digest is known in advance.
 * @param length length of the body in bytes, if known in advance
 * @throws OciError `DIGEST_INVALID`
 */
export async function putBlob(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
  body: Body,
  length?: number,
): Promise<void> {
  const { size } = await registry.blobs.put(digest, body, length);
  await registry.records.write(linkChanges(name, digest, size));
}

/** Returns the changes that give a repository the right to read a blob. */
export function linkChanges(name: RepositoryName, digest: Digest, size: number): readonly Change[] {
  return [put(blobLinkKey(name, digest), { size }), put(holderKey(digest, name), { size })];
}

/** The repositories from which a blob may be mounted. */
export interface MountAccess {
  /** Returns whether the caller may read a repository. */
  mayRead(name: RepositoryName): boolean;
  /** Readable repositories to search for a mount without `from`; undefined if no repository is hidden from the caller. */
  readonly searched: readonly RepositoryName[] | undefined;
}

/**
 * Links a blob of another repository to this repository (cross-repository mount).
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository
 * @param from the source repository; by default, `access.searched` is searched
 * @param access the repositories that the caller may read; a blob in any other repository counts as missing
 * @returns false when the blob is missing, so that the client must upload it
 */
export async function mountBlob(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
  from: RepositoryName | undefined,
  access?: MountAccess,
): Promise<boolean> {
  const source =
    from === undefined
      ? await searchSource(registry, digest, access?.searched && [...new Set([name, ...access.searched])])
      : await readSource(registry, digest, from, access);
  // SHOULD: "Alternatively, if a registry does not support cross-repository mounting or is unable to mount the
  // requested blob, it SHOULD return a `202`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository
  if (source === undefined) return false;
  const sourceKey = blobLinkKey(source.name, digest);
  try {
    if (source.name === name) await clearDeletionMark(registry, sourceKey, source.value);
    else
      await registry.records.write([
        check(sourceKey, "present"),
        ...linkChanges(name, digest, source.value.size),
      ]);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailedError) return false;
    throw error;
  }
}

interface MountSource {
  readonly name: RepositoryName;
  readonly value: BlobLinkRecord;
}

async function readSource(
  registry: RegistryContext,
  digest: Digest,
  name: RepositoryName,
  access?: MountAccess,
): Promise<MountSource | undefined> {
  if (access?.mayRead(name) === false) return undefined;
  const value = await registry.records.get(blobLinkKey(name, digest));
  return isAvailable(value) ? { name, value } : undefined;
}

/**
 * Finds the source for a mount without `from`. The work does not depend on repositories that are hidden from the caller: the
 * duration of a search in all repositories would reveal whether hidden repositories have the blob.
 * @param names the repositories to search; all if undefined
 */
async function searchSource(
  registry: RegistryContext,
  digest: Digest,
  names: readonly RepositoryName[] | undefined,
): Promise<MountSource | undefined> {
  if (names === undefined) {
    const [holder] = await registry.records.queryKeys(holderKey(digest, ""), { limit: 1 });
    return holder && (await readSource(registry, digest, lastPartOf(holder) as RepositoryName));
  }
  const links = await getAll(
    registry.records,
    names.map((name) => blobLinkKey(name, digest)),
  );
  for (const [index, name] of names.entries()) {
    const value = links[index];
    if (isAvailable(value)) return { name, value };
  }
  return undefined;
}

/**
 * Deletes a repository's link to a blob, unless a manifest in the repository depends on the blob.
 * @throws OciError `BLOB_UNKNOWN`, or `DENIED` with status 405
 */
export async function deleteBlob(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
): Promise<void> {
  const key = blobLinkKey(name, digest);
  await retryOnConflict(async () => {
    const value = await registry.records.get(key);
    // MUST: "If the blob is not found, a `404 Not Found` code MUST be returned."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-blobs
    if (value === undefined) throw blobUnknown(digest);
    const mark = await markForDeletion(registry, name, digest, { key, value, unlessChanged: "present" });
    await registry.records.write([
      remove(key, { where: { condemned: mark } }),
      remove(holderKey(digest, name)),
    ]);
  });
}

/** Creates the error for a blob to which the repository has no link. */
function blobUnknown(digest: Digest): OciError {
  return new OciError("BLOB_UNKNOWN", { detail: { digest } });
}
