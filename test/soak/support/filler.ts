import { open, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { freeBytes, MIB } from "../figures.ts";

const BLOCK = 4096;

/** A file that takes space from a file system and can return it. */
export class Filler {
  readonly #path: string;
  readonly #volume: string;

  constructor(volume: string) {
    this.#volume = volume;
    this.#path = join(volume, "filler");
  }

  /** Returns a part of the space. */
  async release(bytes: number): Promise<void> {
    const { size } = await stat(this.#path);
    await truncate(this.#path, Math.max(size - bytes, 0));
  }

  /** Leaves about so many bytes free, up to a block and the file system's own needs. */
  async leave(bytes: number): Promise<void> {
    let most = 16 * MIB;
    while (most >= BLOCK) {
      const spare = Math.floor(((await freeBytes(this.#volume)) - bytes) / BLOCK) * BLOCK;
      if (spare <= 0) return;
      if (!(await this.#append(Math.min(spare, most)))) most /= 4;
    }
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  /** Some file systems allocate space only when they sync. @returns whether there was space */
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
