import type { BlobStore } from "../ports/blob-store.ts";
import type { RecordStore } from "../ports/record-store.ts";
import type { UploadStore } from "../ports/upload-store.ts";

/** What every use case works on. Time and randomness come from the composition root. */
export interface Registry {
  readonly records: RecordStore;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  now(): Date;
  /** An id that nobody can guess, of URL-safe characters. */
  newId(): string;
}

export function epochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
