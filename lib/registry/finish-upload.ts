import { createHash } from "node:crypto";
import { algorithmOf, type Digest, hexOf } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import { type Body, bodyOf } from "../ports/body.ts";
import { remove } from "../ports/record-store.ts";
import type { StagedUpload } from "../ports/upload-store.ts";
import { linkChanges } from "./blobs.ts";
import { clearDeletionMark } from "./manifests/dependencies.ts";
import { blobLinkKey, uploadKey } from "./records.ts";
import type { RegistryContext } from "./registry-context.ts";
import { retryOnConflict } from "./retry.ts";
import {
  type Chunk,
  discardUpload,
  readUpload,
  requireOrder,
  runExclusively,
  uploadUnknown,
} from "./uploads.ts";

/**
 * Closes an upload session: its bytes, with an optional last chunk, become a blob in the repository. Repeating a successful
 * request succeeds as well.
 * @param mayRead returns whether the caller may read a repository; the bytes of a blob that it may not read are not compared
 * @throws UploadInUseError; OciError `BLOB_UPLOAD_UNKNOWN`, `DIGEST_INVALID`, `SIZE_INVALID`; ChunkOutOfOrderError
 */
export async function finishUpload(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
  digest: Digest,
  chunk: Chunk | undefined,
  mayRead: (name: RepositoryName) => boolean = () => true,
): Promise<void> {
  await runExclusively(registry, name, id, "close", async () => {
    const staged = (await readUpload(registry, name, id))?.staged;
    if (staged === undefined) await requireRepetition(registry, name, digest, chunk, mayRead);
    else if (staged.size === 0) await finishWhole(registry, name, staged, digest, chunk);
    else await finishStaged(registry, name, staged, digest, chunk);
  });
}

/**
 * Finishes a session with earlier chunks. The last chunk does not advance the session's offset, so that the client can repeat
 * the request if it fails.
 */
async function finishStaged(
  registry: RegistryContext,
  name: RepositoryName,
  staged: StagedUpload,
  digest: Digest,
  chunk: Chunk | undefined,
): Promise<void> {
  const complete =
    chunk === undefined ? staged : await registry.uploads.append(staged, requireOrder(staged, chunk));
  await commit(registry, name, complete, digest);
  await registry.records.write([
    ...linkChanges(name, digest, complete.size),
    remove(uploadKey(name, staged.id)),
  ]);
  // The blob is stored. Staged bytes that cannot be freed now are freed after the session has expired.
  const freed = registry.uploads.discard(complete).catch(() => undefined);
  if (!registry.outlivesResponses) await freed;
}

/** Finishes a session without earlier chunks: the digest is known in advance, so the bytes are not staged. */
async function finishWhole(
  registry: RegistryContext,
  name: RepositoryName,
  staged: StagedUpload,
  digest: Digest,
  chunk: Chunk | undefined,
): Promise<void> {
  const body = chunk === undefined ? bodyOf() : requireOrder(staged, chunk);
  const { size } = await registry.blobs.put(digest, body, chunk?.length);
  await Promise.all([
    registry.records.write(linkChanges(name, digest, size)),
    discardUpload(registry, name, staged),
  ]);
}

/** Stores a session's bytes as a blob. A wrong digest ends the session, since its bytes are then useless. */
async function commit(
  registry: RegistryContext,
  name: RepositoryName,
  staged: StagedUpload,
  digest: Digest,
): Promise<void> {
  try {
    await registry.uploads.commit(staged, digest);
  } catch (error) {
    if (error instanceof OciError) await discardUpload(registry, name, staged);
    throw error;
  }
}

/**
 * Accepts a repetition of the request that closed the session: the repository already has the blob, and the request's body, if
 * any, equals the last bytes of the blob. No link is created, so that a digest alone never gives access to a blob.
 * A caller that may not read the repository must send all bytes or none: otherwise it could discover the content by trial.
 * A deletion in progress fails.
 * @throws OciError `BLOB_UPLOAD_UNKNOWN`
 */
async function requireRepetition(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
  chunk: Chunk | undefined,
  mayRead: (name: RepositoryName) => boolean,
): Promise<void> {
  const key = blobLinkKey(name, digest);
  const link = await retryOnConflict(async () => {
    const found = await registry.records.get(key);
    if (found !== undefined) await clearDeletionMark(registry, key, found);
    return found;
  });
  if (link === undefined) throw uploadUnknown();
  if (chunk === undefined) return;
  const received = await hashBody(digest, chunk.body, link.size);
  if (received.hex === hexOf(digest) || received.size === 0) return;
  if (!mayRead(name) || !(await endsWith(registry, digest, link.size, received))) throw uploadUnknown();
}

/** The hash of a body in hex, and its size in bytes. */
interface BodyHash {
  readonly hex: string;
  readonly size: number;
}

/** Returns whether a blob ends with the bytes of a shorter body. */
async function endsWith(
  registry: RegistryContext,
  digest: Digest,
  size: number,
  received: BodyHash,
): Promise<boolean> {
  if (received.size >= size) return false;
  const stored = await registry.blobs.get(digest, { first: size - received.size, last: size - 1 });
  return stored !== undefined && (await hashBody(digest, stored, size)).hex === received.hex;
}

/** Hashes a body with the algorithm of a digest. Stops reading after `limit` bytes. */
async function hashBody(digest: Digest, body: Body, limit: number): Promise<BodyHash> {
  const hash = createHash(algorithmOf(digest));
  let size = 0;
  for await (const bytes of body) {
    hash.update(bytes);
    size += bytes.length;
    if (size > limit) break;
  }
  return { hex: hash.digest("hex"), size };
}
