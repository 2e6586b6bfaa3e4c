import type { BlobStore } from "../ports/blob-store.ts";
import type { RecordStore } from "../ports/record-store.ts";
import type { UploadStore } from "../ports/upload-store.ts";

/** Ports that the use cases work with. The composition root provides the clock and the source of identifiers. */
export interface RegistryContext {
  readonly records: RecordStore;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  now(): Date;
  /** Returns a new identifier that cannot be guessed, of URL-safe characters. */
  newId(): string;
  /**
   * Whether a failed read marks content as lost, so that clients push it again. Set where this process reads all content, and
   * may write whenever it reads.
   */
  readonly marksLostContent?: true;
  /** Whether the process runs on after a response, so that work which the client need not wait for may end later. */
  readonly outlivesResponses?: true;
  /** Maximum number of descriptors of a pushed manifest. @default `DEFAULT_MAX_DESCRIPTORS` */
  readonly maxDescriptors?: number | undefined;
}

/** Returns whole seconds since the Unix epoch. */
export function toEpochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
