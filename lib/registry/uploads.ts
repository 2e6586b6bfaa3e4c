import { type Algorithm, DEFAULT_ALGORITHM, type Digest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import { type ByteRange, rangeLength } from "../oci/range.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import { type Body, bodyOf } from "../ports/body.ts";
import { ConditionFailedError, put, remove } from "../ports/record-store.ts";
import { type StagedUpload, UploadBusyError } from "../ports/upload-store.ts";
import { linkChanges, putBlob } from "./blobs.ts";
import { type UploadRecord, uploadKey } from "./records.ts";
import { type RegistryContext, toEpochSeconds } from "./registry-context.ts";

/** Lifetime of an upload session after its last chunk. */
export const UPLOAD_LIFETIME_SECONDS = 24 * 3600;

/** The state of an upload session that a client needs to continue. */
export interface UploadProgress {
  readonly id: string;
  /** Bytes received so far: the offset at which the next chunk must begin. */
  readonly size: number;
}

/** Bytes that a request adds to an upload session. */
export interface Chunk {
  readonly body: Body;
  /** Bytes of the body, when known beforehand. */
  readonly length?: number | undefined;
  /** The position of the bytes in the blob. Without it, they are appended. */
  readonly range: ByteRange | undefined;
}

/** A chunk that does not begin where the session ends. */
export class ChunkOutOfOrderError extends OciError {
  readonly progress: UploadProgress;

  constructor({ id, size }: UploadProgress) {
    super("BLOB_UPLOAD_INVALID", {
      // MUST: "If a chunk is uploaded out of order, the registry MUST respond with a `416 Requested Range Not
      // Satisfiable` code."
      // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
      status: 416,
      message: `chunk out of order: the next one must begin at byte ${size}`,
      detail: { offset: size },
    });
    this.progress = { id, size };
  }
}

/** Starts an upload session. `algorithm` is the expected one; any digest can close the session. */
export async function startUpload(
  registry: RegistryContext,
  name: RepositoryName,
  algorithm: Algorithm = DEFAULT_ALGORITHM,
): Promise<UploadProgress> {
  const id = registry.newId();
  const staged = await registry.uploads.begin(id, algorithm);
  await registry.records.write([put(uploadKey(name, id), createUploadRecord(registry, staged), "absent")]);
  return staged;
}

/** Returns the state of an upload session. @throws OciError `BLOB_UPLOAD_UNKNOWN` */
export async function statUpload(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
): Promise<UploadProgress> {
  return (await findUpload(registry, name, id)).staged;
}

/**
 * Adds a chunk to an upload session, completely or not at all.
 * @throws OciError `BLOB_UPLOAD_UNKNOWN`, `SIZE_INVALID`; ChunkOutOfOrderError
 */
export async function appendChunk(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
  chunk: Chunk,
): Promise<UploadProgress> {
  return await runExclusively(
    registry,
    name,
    id,
    async (staged) => await append(registry, name, staged, chunk),
  );
}

/**
 * Closes an upload session: its bytes, with an optional last chunk, become a blob of the repository.
 * @throws OciError `BLOB_UPLOAD_UNKNOWN`, `DIGEST_INVALID`, `SIZE_INVALID`; ChunkOutOfOrderError
 */
export async function finishUpload(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
  digest: Digest,
  chunk: Chunk | undefined,
): Promise<void> {
  await runExclusively(registry, name, id, async (staged) => {
    if (staged.size === 0) await finishWhole(registry, name, staged, digest, chunk);
    else await finishStaged(registry, name, staged, digest, chunk);
  });
}

/**
 * Runs work on the current state of a session.
 * @throws ChunkOutOfOrderError with the new state when another request changes the session at the same time
 */
async function runExclusively<T>(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
  work: (staged: StagedUpload) => Promise<T>,
): Promise<T> {
  try {
    return await registry.uploads.runExclusively(
      id,
      async () => await work((await findUpload(registry, name, id)).staged),
    );
  } catch (error) {
    if (!(error instanceof ConditionFailedError || error instanceof UploadBusyError)) throw error;
    throw new ChunkOutOfOrderError((await findUpload(registry, name, id)).staged);
  }
}

async function finishStaged(
  registry: RegistryContext,
  name: RepositoryName,
  staged: StagedUpload,
  digest: Digest,
  chunk: Chunk | undefined,
): Promise<void> {
  const complete = chunk === undefined ? staged : await append(registry, name, staged, chunk);
  await commit(registry, name, complete, digest);
  await registry.records.write([
    ...linkChanges(name, digest, complete.size),
    remove(uploadKey(name, staged.id)),
  ]);
  // The blob is stored. Staged bytes that cannot be freed now are freed when the session has expired.
  await registry.uploads.discard(complete).catch(() => undefined);
}

/** Cancels an upload session and frees its bytes. @throws OciError `BLOB_UPLOAD_UNKNOWN` */
export async function cancelUpload(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
): Promise<void> {
  const { staged } = await findUpload(registry, name, id);
  await discardUpload(registry, name, staged);
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
  await putBlob(registry, name, digest, body, chunk?.length);
  await discardUpload(registry, name, staged);
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

async function append(
  registry: RegistryContext,
  name: RepositoryName,
  staged: StagedUpload,
  chunk: Chunk,
): Promise<StagedUpload> {
  const extended = await registry.uploads.append(staged, requireOrder(staged, chunk));
  const unlessChanged = { where: { size: staged.size } };
  await registry.records.write([
    put(uploadKey(name, staged.id), createUploadRecord(registry, extended), unlessChanged),
  ]);
  return extended;
}

/** Returns the bytes of a chunk. @throws ChunkOutOfOrderError unless it begins where the session ends */
function requireOrder(staged: StagedUpload, { body, range }: Chunk): Body {
  if (range === undefined) return body;
  // MUST: "The first chunk's range MUST begin with `0`."
  // MUST: "Chunks MUST be uploaded in order, with the first byte of a chunk being the last chunk's
  // `<end-of-range>` plus one."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
  if (range.first !== staged.size) throw new ChunkOutOfOrderError(staged);
  return requireLength(body, rangeLength(range));
}

/** Passes on the bytes of a body. @throws OciError `SIZE_INVALID` at its end unless it has the given length */
async function* requireLength(body: Body, length: number): Body {
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > length) break;
    yield bytes;
  }
  if (size !== length) {
    throw new OciError("SIZE_INVALID", { message: "body length differs from Content-Range" });
  }
}

async function discardUpload(
  registry: RegistryContext,
  name: RepositoryName,
  staged: StagedUpload,
): Promise<void> {
  // In this order, so that no session remains without its bytes.
  await registry.records.write([remove(uploadKey(name, staged.id))]);
  await registry.uploads.discard(staged);
}

async function findUpload(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
): Promise<UploadRecord> {
  const record = await registry.records.get(uploadKey(name, id));
  if (record === undefined || record.expiresAt <= toEpochSeconds(registry.now())) {
    throw new OciError("BLOB_UPLOAD_UNKNOWN", {
      message:
        "upload unknown: it was never started, or has been finished, cancelled or expired; start a new one",
    });
  }
  return record;
}

function createUploadRecord(registry: RegistryContext, staged: StagedUpload): UploadRecord {
  const expiresAt = toEpochSeconds(registry.now()) + UPLOAD_LIFETIME_SECONDS;
  return { staged, size: staged.size, expiresAt };
}
