import { open, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { freeBytes, MIB } from "../figures.ts";

const BLOCK = 4096;

/** A file that takes space from a file system, and gives it back. */
export class Filler {
  readonly #path: string;
  readonly #volume: string;

  constructor(volume: string) {
    this.#volume = volume;
    this.#path = join(volume, "filler");
  }

  /** Gives a part of it back. */
  async release(bytes: number): Promise<void> {
    const { size } = await stat(this.#path);
    await truncate(this.#path, Math.max(size - bytes, 0));
  }

  /** Leaves so many bytes free, give or take a block and what the file system needs for itself. */
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

  /** Some file systems look for a place only when they sync. @returns whether there was one */
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
