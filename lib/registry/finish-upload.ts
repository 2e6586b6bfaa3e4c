import { createHash } from "node:crypto";
import { algorithmOf, type Digest, hexOf } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import { type Body, bodyOf } from "../ports/body.ts";
import { remove } from "../ports/record-store.ts";
import type { StagedUpload } from "../ports/upload-store.ts";
import { linkChanges } from "./blobs.ts";
import { blobLinkKey, uploadKey } from "./records.ts";
import type { RegistryContext } from "./registry-context.ts";
import {
  type Chunk,
  discardUpload,
  readUpload,
  requireOrder,
  runExclusively,
  uploadUnknown,
} from "./uploads.ts";

/**
 * Closes an upload session: its bytes, with an optional last chunk, become a blob of the repository. A request that repeats
 * a successful one succeeds as well.
 * @throws UploadInUseError; OciError `BLOB_UPLOAD_UNKNOWN`, `DIGEST_INVALID`, `SIZE_INVALID`; ChunkOutOfOrderError
 */
export async function finishUpload(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
  digest: Digest,
  chunk: Chunk | undefined,
): Promise<void> {
  await runExclusively(registry, name, id, "close", async () => {
    const staged = (await readUpload(registry, name, id))?.staged;
    if (staged === undefined) await requireRepetition(registry, name, digest, chunk);
    else if (staged.size === 0) await finishWhole(registry, name, staged, digest, chunk);
    else await finishStaged(registry, name, staged, digest, chunk);
  });
}

/**
 * Finishes a session with earlier chunks. The session does not advance by the last chunk, so that the client can repeat the
 * request when it fails.
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
  // The blob is stored. Staged bytes that cannot be freed now are freed when the session has expired.
  const freed = registry.uploads.discard(complete).catch(() => undefined);
  if (!registry.outlivesResponses) await freed;
}

/** Finishes a session without earlier chunks: the digest is known before the bytes, so they are not staged. */
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

/** Stores the bytes of a session as a blob. A wrong digest ends the session, since its bytes are useless then. */
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
 * Accepts a request that repeats one which has closed the session: the repository has the blob, and the request brings no
 * other bytes than its last ones. Nothing is linked, so that a digest alone never gives access to a blob.
 * @throws OciError `BLOB_UPLOAD_UNKNOWN`
 */
async function requireRepetition(
  registry: RegistryContext,
  name: RepositoryName,
  digest: Digest,
  chunk: Chunk | undefined,
): Promise<void> {
  const link = await registry.records.get(blobLinkKey(name, digest));
  if (link === undefined) throw uploadUnknown();
  if (chunk !== undefined && !(await endsWith(registry, digest, link.size, chunk.body)))
    throw uploadUnknown();
}

/** Returns whether a blob ends with the bytes of a body. */
async function endsWith(
  registry: RegistryContext,
  digest: Digest,
  size: number,
  body: Body,
): Promise<boolean> {
  const received = await hashBody(digest, body, size);
  if (received.hex === hexOf(digest) || received.size === 0) return true;
  if (received.size >= size) return false;
  const stored = await registry.blobs.get(digest, { first: size - received.size, last: size - 1 });
  return stored !== undefined && (await hashBody(digest, stored, size)).hex === received.hex;
}

/** Hashes a body with the algorithm of a digest. Stops reading after `limit` bytes. */
async function hashBody(digest: Digest, body: Body, limit: number) {
  const hash = createHash(algorithmOf(digest));
  let size = 0;
  for await (const bytes of body) {
    hash.update(bytes);
    size += bytes.length;
    if (size > limit) break;
  }
  return { hex: hash.digest("hex"), size };
}
