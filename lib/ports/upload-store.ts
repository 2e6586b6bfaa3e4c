import type { Algorithm, Digest } from "../oci/digest.ts";
import type { Body } from "./body.ts";
import type { Field } from "./record-store.ts";

/**
 * The bytes of an upload session so far. `size` is the session's offset in bytes; the rest belongs to the store, which
 * finds there all that it needs to go on, also in another process.
 */
export type Staged = { readonly id: string; readonly size: number; readonly algorithm: Algorithm } & {
  readonly [key: string]: Field;
};

/** Blobs whose digest becomes known only after their bytes. */
export interface UploadStore {
  /**
   * Runs work that reads and changes a session: alone, if the store could not bear two at once.
   * @throws UploadBusyError when such work is under way
   */
  alone<T>(id: string, work: () => Promise<T>): Promise<T>;
  begin(id: string, algorithm: Algorithm): Promise<Staged>;
  /** Adds a chunk, whole or not at all. */
  append(staged: Staged, body: Body): Promise<Staged>;
  /**
   * Makes a blob of what is staged, durably. What is still held is for `discard` to free.
   * @throws OciError `DIGEST_INVALID` when the bytes have another digest, `BLOB_UPLOAD_UNKNOWN` when they are gone
   */
  commit(staged: Staged, digest: Digest): Promise<void>;
  /** Frees what is staged; does nothing when there is nothing. */
  discard(staged: Staged): Promise<void>;
}

/** Two requests write to one upload session. */
export class UploadBusyError extends Error {
  constructor(id: string) {
    super(`upload ${id} is being written to`);
    this.name = "UploadBusyError";
  }
}
