import { Semaphore, SemaphoreTimeoutError } from "../../../concurrency/semaphore.ts";
import { StorageUnavailableError } from "../../../ports/storage-errors.ts";
import { BodyMemory } from "./body-memory.ts";
import { PartBuffers } from "./part-buffers.ts";
import { partSize } from "./parts.ts";

/** Maximum number of pooled buffers: the buffers that one body has in flight, plus the one being filled. */
const MAX_FREE_BUFFERS = 4;

/** Limits of `PartMemory`. */
interface PartMemoryOptions {
  /** Maximum number of bytes in the parts of all bodies in a process, including parts being filled. */
  readonly maxBytes?: number;
  /** Milliseconds for which a body waits for its first part: less than the idle timeout of its connection. */
  readonly waitMilliseconds?: number;
}

/** Memory shared by all uploads of a process. */
export class PartMemory {
  readonly buffers = new PartBuffers(MAX_FREE_BUFFERS);
  readonly #semaphore: Semaphore;
  readonly #waitMilliseconds: number;

  constructor({ maxBytes = 512 * 1024 * 1024, waitMilliseconds = 30_000 }: PartMemoryOptions = {}) {
    this.#semaphore = new Semaphore(maxBytes);
    this.#waitMilliseconds = waitMilliseconds;
  }

  /**
   * Runs the upload of a body once there is memory for one part.
   * @throws StorageUnavailableError when no memory becomes free in time: clients that send nothing hold memory until their
   * connections time out
   */
  async run<T>(upload: (memory: BodyMemory) => Promise<T>): Promise<T> {
    const reserved = partSize(1);
    await this.#acquire(reserved);
    const memory = new BodyMemory(this.#semaphore, reserved);
    try {
      return await this.buffers.run(() => upload(memory));
    } finally {
      memory.end();
    }
  }

  async #acquire(bytes: number): Promise<void> {
    try {
      await this.#semaphore.acquire(bytes, this.#waitMilliseconds);
    } catch (error) {
      throw error instanceof SemaphoreTimeoutError ? new StorageUnavailableError(error) : error;
    }
  }
}
