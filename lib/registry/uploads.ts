import { type Algorithm, DEFAULT_ALGORITHM } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import { type ByteRange, rangeLength } from "../oci/range.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import type { Body } from "../ports/body.ts";
import { ConditionFailedError, put, remove } from "../ports/record-store.ts";
import { type SessionUse, type StagedUpload, UploadBusyError } from "../ports/upload-store.ts";
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
  /** Length of the body in bytes, if known in advance. */
  readonly length?: number | undefined;
  /** Position of the bytes in the blob. @default - they are appended */
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
      message: `chunk out of order: the next chunk must begin at byte ${size}`,
      detail: { offset: size },
    });
    this.progress = { id, size };
  }
}

/** Another request is closing the session, usually an earlier attempt of the same request. */
export class UploadInUseError extends OciError {
  /** Resolves when the other request has ended. */
  readonly ended: Promise<void>;

  constructor(cause: UploadBusyError) {
    super("TOOMANYREQUESTS", { message: "upload in use by another request: try again", cause });
    this.ended = cause.ended;
  }
}

/** Starts an upload session. `algorithm` is a hint for hashing; a digest of any algorithm can close the session. */
export async function startUpload(
  registry: RegistryContext,
  name: RepositoryName,
  algorithm: Algorithm = DEFAULT_ALGORITHM,
): Promise<UploadProgress> {
  const id = registry.newId();
  const staged = await registry.uploads.begin(id, algorithm);
  // Unconditional: a new id is random, and a condition would double the price of the write.
  await registry.records.write([put(uploadKey(name, id), createUploadRecord(registry, staged))]);
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
  return await runExclusively(registry, name, id, "append", async () => {
    const { staged } = await findUpload(registry, name, id);
    return await append(registry, name, staged, chunk);
  });
}

/**
 * Runs work that reads and changes a session.
 * @throws ChunkOutOfOrderError with the current state when another request is changing the session; UploadInUseError when
 * another request is closing the session, and so does the work
 */
export async function runExclusively<T>(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
  use: SessionUse,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await registry.uploads.runExclusively(id, use, work);
  } catch (error) {
    if (!(error instanceof ConditionFailedError || error instanceof UploadBusyError)) throw error;
    if (use === "close" && error instanceof UploadBusyError && error.use === "close")
      throw new UploadInUseError(error);
    throw new ChunkOutOfOrderError((await findUpload(registry, name, id)).staged);
  }
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

/**
 * Returns the bytes of a chunk, after checking its order, and with its length checked while it is read.
 * @throws ChunkOutOfOrderError unless the chunk begins where the session ends; OciError `SIZE_INVALID` when its length and
 * range differ
 */
export function requireOrder(staged: StagedUpload, { body, range, length }: Chunk): Body {
  if (range === undefined) return body;
  // MUST: "The first chunk's range MUST begin with `0`."
  // MUST: "Chunks MUST be uploaded in order, with the first byte of a chunk being the last chunk's
  // `<end-of-range>` plus one."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
  if (range.first !== staged.size) throw new ChunkOutOfOrderError(staged);
  if (length !== undefined && length !== rangeLength(range)) {
    throw new OciError("SIZE_INVALID", { message: "Content-Length and Content-Range differ" });
  }
  return requireLength(body, rangeLength(range));
}

/** Yields the bytes of a body. @throws OciError `SIZE_INVALID` at its end unless it is empty or has the expected length */
async function* requireLength(body: Body, length: number): Body {
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > length) break;
    yield bytes;
  }
  if (size !== length && size > 0) {
    throw new OciError("SIZE_INVALID", { message: "body length differs from Content-Range" });
  }
}

/** Deletes an upload session and frees its bytes. */
export async function discardUpload(
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
  const record = await readUpload(registry, name, id);
  if (record === undefined) throw uploadUnknown();
  return record;
}

/** Reads an upload session. @returns undefined when it does not exist or has expired */
export async function readUpload(
  registry: RegistryContext,
  name: RepositoryName,
  id: string,
): Promise<UploadRecord | undefined> {
  const record = await registry.records.get(uploadKey(name, id));
  const isActive = record !== undefined && record.expiresAt > toEpochSeconds(registry.now());
  return isActive ? record : undefined;
}

/** Creates the error for a session that does not exist. */
export function uploadUnknown(): OciError {
  return new OciError("BLOB_UPLOAD_UNKNOWN", {
    message:
      "upload unknown: it was never started, or has been finished, cancelled or expired; start a new one",
  });
}

function createUploadRecord(registry: RegistryContext, staged: StagedUpload): UploadRecord {
  const expiresAt = toEpochSeconds(registry.now()) + UPLOAD_LIFETIME_SECONDS;
  return { staged, size: staged.size, expiresAt };
}
