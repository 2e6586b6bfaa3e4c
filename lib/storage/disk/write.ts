import type { Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Body } from "../../ports/body.ts";

/** Bytes per write: small enough to limit buffer memory, large enough to make the system call overhead negligible. */
const BATCH_BYTES = 1024 * 1024;

/** Chunks per write: more than a mebibyte has in practice. Each chunk takes a few hundred bytes, however short it is. */
const BATCH_CHUNKS = 1024;

/** Bytes after which a flush is started, so that the final flush is short. */
const SYNC_INTERVAL_BYTES = 64 * 1024 * 1024;

/**
 * Writes a body to a file and updates a hash. While one batch is being written, the next is received and hashed, so at most
 * two batches are in memory.
 * @param position file offset of the first byte
 * @returns the offset after the last byte
 */
export async function writeBody(file: FileHandle, position: number, body: Body, hash: Hash): Promise<number> {
  const writer = new BatchWriter(file, position);
  for await (const chunk of body) {
    hash.update(chunk);
    await writer.add(chunk);
  }
  return await writer.end();
}

class BatchWriter {
  readonly #file: FileHandle;
  #position: number;
  #batch: Uint8Array[] = [];
  #batched = 0;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> | undefined;
  #unsynced = 0;

  constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#position = position;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#batch.push(chunk);
    this.#batched += chunk.length;
    if (this.#batched >= BATCH_BYTES || this.#batch.length >= BATCH_CHUNKS) await this.#flush();
  }

  async end(): Promise<number> {
    await this.#flush();
    await this.#writing;
    await this.#syncing;
    return this.#position;
  }

  /** Waits for the previous write, then starts the next without waiting for it. */
  async #flush(): Promise<void> {
    await this.#writing;
    this.#writing = markHandled(writeFully(this.#file, this.#batch, this.#position));
    this.#syncPeriodically(this.#batched);
    this.#position += this.#batched;
    this.#batch = [];
    this.#batched = 0;
  }

  #syncPeriodically(written: number): void {
    this.#unsynced += written;
    if (this.#unsynced < SYNC_INTERVAL_BYTES || this.#syncing !== undefined) return;
    this.#unsynced = 0;
    const done = () => {
      this.#syncing = undefined;
    };
    this.#syncing = markHandled(this.#file.datasync().then(done));
  }
}

/** Marks a promise as handled: a failure is thrown where the promise is awaited, and must not be reported as unhandled before. */
function markHandled(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}

async function writeFully(file: FileHandle, batch: readonly Uint8Array[], position: number): Promise<void> {
  if (batch.length === 0) return;
  const { bytesWritten } = await file.writev(batch, position);
  const length = batch.reduce((sum, chunk) => sum + chunk.length, 0);
  if (bytesWritten < length) await writeRest(file, Buffer.concat(batch), bytesWritten, position);
}

/** Writes the rest after a short write: an almost full disk accepts part of the bytes, and fails the next write. */
async function writeRest(file: FileHandle, bytes: Uint8Array, from: number, position: number): Promise<void> {
  let written = from;
  while (written < bytes.length) {
    const result = await file.write(bytes, written, bytes.length - written, position + written);
    written += result.bytesWritten;
  }
}
