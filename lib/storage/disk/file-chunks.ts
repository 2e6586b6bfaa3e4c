import type { FileHandle } from "node:fs/promises";

const CHUNK_BYTES = 512 * 1024;

/**
 * Part of a file, read chunk by chunk into two alternating buffers: while one chunk is being sent, the next is read. A chunk
 * is therefore overwritten when the chunk after the next one is requested. The file is closed at the end.
 */
export class FileChunks implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #file: FileHandle;
  #position: number;
  #left: number;
  #buffers: Uint8Array[] = [];
  #reading: Promise<Uint8Array> | undefined;

  /** @param length length in bytes of the part, which begins at `position` */
  constructor(file: FileHandle, position: number, length: number) {
    this.#file = file;
    this.#position = position;
    this.#left = length;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = await this.#awaitRead(this.#reading ?? this.#read());
    if (value.length === 0) return await this.return();
    this.#reading = this.#read();
    // A failure is thrown when the chunk is requested; until then it must not be reported as an unhandled rejection.
    this.#reading.catch(() => undefined);
    return { done: false, value };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#reading?.catch(() => undefined);
    this.#left = 0;
    this.#reading = undefined;
    await this.#file.close();
    return { done: true, value: undefined };
  }

  /** Closes the file when the read fails, because the caller then requests no further chunk. */
  async #awaitRead(reading: Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      return await reading;
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async #read(): Promise<Uint8Array> {
    const buffer = this.#nextBuffer();
    if (buffer.length === 0) return buffer;
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#position);
    this.#position += bytesRead;
    this.#left -= bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  #nextBuffer(): Uint8Array {
    const length = Math.min(CHUNK_BYTES, this.#left);
    const free = this.#buffers.length < 2 ? Buffer.allocUnsafeSlow(length) : this.#buffers.shift();
    if (free === undefined) throw new Error("no free buffer");
    this.#buffers.push(free);
    return free.subarray(0, length);
  }
}
