import { open, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { MIB, readFreeBytes } from "../figures.ts";

const BLOCK_BYTES = 4096;

/** A file that occupies space of a file system. */
export class Filler {
  readonly #path: string;
  readonly #volume: string;

  constructor(volume: string) {
    this.#volume = volume;
    this.#path = join(volume, "filler");
  }

  /** Frees a part of the space. */
  async release(bytes: number): Promise<void> {
    const { size } = await stat(this.#path);
    await truncate(this.#path, Math.max(size - bytes, 0));
  }

  /** Grows until so many bytes are free, give or take a block and the metadata of the file system. */
  async leave(bytes: number): Promise<void> {
    let maxBytes = 16 * MIB;
    while (maxBytes >= BLOCK_BYTES) {
      const spare = Math.floor(((await readFreeBytes(this.#volume)) - bytes) / BLOCK_BYTES) * BLOCK_BYTES;
      if (spare <= 0) return;
      if (!(await this.#append(Math.min(spare, maxBytes)))) maxBytes /= 4;
    }
  }

  /** Frees all space. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  /** Appends and syncs, because some file systems allocate blocks only then. @returns whether there was space */
  async #append(size: number): Promise<boolean> {
    const file = await open(this.#path, "a");
    try {
      await file.appendFile(Buffer.alloc(size, 1));
      await file.datasync();
      return true;
    } catch {
      return false;
    } finally {
      await file.close();
    }
  }
}
