import type { Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Body } from "../../ports/body.ts";

/** Bytes per write: few enough for small buffers, many enough that the calls cost little. */
const BATCH_SIZE = 1024 * 1024;

/** Bytes after which the disk is set to work, so that it does not have all of it to do at the end. */
const SYNC_SIZE = 64 * 1024 * 1024;

/**
 * Writes a body into a file and through a hash. While one batch is being written the next is received and hashed, so
 * at most two are in memory.
 * @param position where in the file to begin, in bytes
 * @returns the position after the last byte
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
    if (this.#batched >= BATCH_SIZE) await this.#flush();
  }

  async end(): Promise<number> {
    await this.#flush();
    await this.#writing;
    await this.#syncing;
    return this.#position;
  }

  /** Waits for the write before, then starts one without waiting for it. */
  async #flush(): Promise<void> {
    await this.#writing;
    this.#writing = handled(writeFully(this.#file, this.#batch, this.#position));
    this.#syncNowAndThen(this.#batched);
    this.#position += this.#batched;
    this.#batch = [];
    this.#batched = 0;
  }

  #syncNowAndThen(written: number): void {
    this.#unsynced += written;
    if (this.#unsynced < SYNC_SIZE || this.#syncing !== undefined) return;
    this.#unsynced = 0;
    const done = () => {
      this.#syncing = undefined;
    };
    this.#syncing = handled(this.#file.datasync().then(done));
  }
}

/** Whoever waits for it gets the failure; until then it must not count as unhandled. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}

async function writeFully(file: FileHandle, batch: readonly Uint8Array[], position: number): Promise<void> {
  if (batch.length === 0) return;
  const { bytesWritten } = await file.writev(batch, position);
  const length = batch.reduce((sum, chunk) => sum + chunk.length, 0);
  if (bytesWritten < length) await writeRest(file, Buffer.concat(batch), bytesWritten, position);
}

/** A disk that is almost full takes a part, and refuses only the next. */
async function writeRest(file: FileHandle, bytes: Uint8Array, from: number, position: number): Promise<void> {
  let written = from;
  while (written < bytes.length) {
    const result = await file.write(bytes, written, bytes.length - written, position + written);
    written += result.bytesWritten;
  }
}
