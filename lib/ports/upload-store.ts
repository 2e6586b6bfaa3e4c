import type { Algorithm, Digest } from "../oci/digest.ts";
import type { Body } from "./body.ts";
import type { Field } from "./record-store.ts";

/**
 * The staged bytes of an upload session. `size` is the session's offset in bytes. Further fields are internal state with which
 * the store can continue the session in another process.
 */
export type StagedUpload = { readonly id: string; readonly size: number; readonly algorithm: Algorithm } & {
  readonly [key: string]: Field;
};

/** How a request uses an upload session: it appends a chunk, or closes the session. */
export type SessionUse = "append" | "close";

/** Stages uploads whose digest is known only after all bytes have been received. */
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
   * @throws OciError `DIGEST_INVALID` when the bytes do not match the digest, `BLOB_UPLOAD_UNKNOWN` when they are missing
   */
  commit(staged: StagedUpload, digest: Digest): Promise<void>;
  /** Frees the staged bytes, if there are any. */
  discard(staged: StagedUpload): Promise<void>;
}

/** Another request is using the same upload session. */
export class UploadBusyError extends Error {
  readonly use: SessionUse;
  /** Resolves when the other request has ended. */
  readonly ended: Promise<void>;

  constructor(id: string, { use, ended }: { readonly use: SessionUse; readonly ended: Promise<void> }) {
    super(`upload ${id} is busy: another request is using it`);
    this.name = "UploadBusyError";
    this.use = use;
    this.ended = ended;
  }
}
