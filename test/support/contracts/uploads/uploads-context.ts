import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { type Algorithm, algorithmOf } from "../../../../lib/oci/digest.ts";
import type { BlobStore } from "../../../../lib/ports/blob-store.ts";
import type { StagedUpload, UploadStore } from "../../../../lib/ports/upload-store.ts";
import { bodyOf, type Content, collect, digestOf } from "../../content.ts";
import type { Opened } from "../../opened.ts";

/** Stores under test. */
export interface UploadStores {
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
}

/** Upload store under test, shared by all tests of a suite. */
export class UploadsContext {
  /** Size in bytes of a chunk that requires more than one write. */
  readonly large: number;
  readonly #open: () => Promise<Opened<UploadStores>>;
  #opened: Opened<UploadStores> | undefined;
  #stores: UploadStores | undefined;

  constructor(open: () => Promise<Opened<UploadStores>>, large: number) {
    this.#open = open;
    this.large = large;
  }

  async start(): Promise<void> {
    this.#opened = await this.#open();
    this.#stores = this.#opened.store;
  }

  async stop(): Promise<void> {
    await this.#opened?.close();
  }

  /** Replaces the stores by other instances over the same storage. */
  async reopen(): Promise<void> {
    this.#stores = await this.#opened?.reopen();
  }

  get uploads(): UploadStore {
    return this.#current().uploads;
  }

  get blobs(): BlobStore {
    return this.#current().blobs;
  }

  #current(): UploadStores {
    if (this.#stores === undefined) throw new Error("the store is not open");
    return this.#stores;
  }

  async begin(algorithm: Algorithm = "sha256"): Promise<StagedUpload> {
    return recorded(await this.uploads.begin(randomUUID(), algorithm));
  }

  async append(staged: StagedUpload, ...chunks: readonly (Uint8Array | string)[]): Promise<StagedUpload> {
    return recorded(await this.uploads.append(staged, bodyOf(...chunks)));
  }

  /** Returns a session with the chunks, each appended by a separate call. */
  async upload(...chunks: readonly (Uint8Array | string)[]): Promise<StagedUpload> {
    let staged = await this.begin();
    for (const chunk of chunks) staged = await this.append(staged, chunk);
    return staged;
  }

  async expectStored({ digest, bytes }: Content): Promise<void> {
    expect(await this.blobs.stat(digest)).toEqual({ size: bytes.length });
    expect(digestOf(await collect(await this.blobs.get(digest)), algorithmOf(digest))).toBe(digest);
  }

  async expectMissing({ digest }: Content): Promise<void> {
    expect(await this.blobs.stat(digest)).toBeUndefined();
    expect(await this.blobs.get(digest)).toBeUndefined();
  }
}

/** Converts a state like a record between two requests, which loses unsupported values. */
function recorded(staged: StagedUpload): StagedUpload {
  return structuredClone(staged);
}
