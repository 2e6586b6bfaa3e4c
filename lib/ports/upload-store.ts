import type { Algorithm, Digest } from "../oci/digest.ts";
import type { Body } from "./body.ts";
import type { Field } from "./record-store.ts";

/**
 * The staged bytes of an upload session. `size` is the session's offset in bytes. The other fields are the store's own
 * state, with which it can continue in another process.
 */
export type StagedUpload = { readonly id: string; readonly size: number; readonly algorithm: Algorithm } & {
  readonly [key: string]: Field;
};

/** The use of an upload session by a request: adding a chunk, or turning the session into a blob. */
export type SessionUse = "append" | "close";

/** A store of blobs whose digest is known only after their bytes. */
export interface UploadStore {
  /**
   * Runs work that reads and changes a session, exclusively if the store does not support concurrent changes.
   * @throws UploadBusyError when other work on the session is running
   */
  runExclusively<T>(id: string, use: SessionUse, work: () => Promise<T>): Promise<T>;
  /** Starts a session. */
  begin(id: string, algorithm: Algorithm): Promise<StagedUpload>;
  /** Adds a chunk, completely or not at all. */
  append(staged: StagedUpload, body: Body): Promise<StagedUpload>;
  /**
   * Stores the staged bytes as a durable blob. `discard` frees what the session still uses.
   * @throws OciError `DIGEST_INVALID` when the bytes have another digest, `BLOB_UPLOAD_UNKNOWN` when they are missing
   */
  commit(staged: StagedUpload, digest: Digest): Promise<void>;
  /** Frees the staged bytes, if there are any. */
  discard(staged: StagedUpload): Promise<void>;
}

/** Another request is using the same upload session. */
export class UploadBusyError extends Error {
  readonly use: SessionUse;
  /** Resolves when that request has ended. */
  readonly ended: Promise<void>;

  constructor(id: string, { use, ended }: { readonly use: SessionUse; readonly ended: Promise<void> }) {
    super(`upload ${id} is busy: another request is using it`);
    this.name = "UploadBusyError";
    this.use = use;
    this.ended = ended;
  }
}
