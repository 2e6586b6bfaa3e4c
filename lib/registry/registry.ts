import type { BlobStore, RecordStore, UploadStore } from "./ports.ts";

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
