import type { Semaphore } from "../../../concurrency/semaphore.ts";

/**
 * The share of one body in the memory for parts. It always has room for one part, so that a body that has begun never waits
 * for others; more parts at the same time need memory that no other body uses or waits for.
 */
export class BodyMemory {
  readonly #semaphore: Semaphore;
  readonly #reserved: number;
  #acquired: number;
  #used = 0;
  #released = Promise.withResolvers<void>();

  /** @param reserved bytes that the caller has acquired from the semaphore */
  constructor(semaphore: Semaphore, reserved: number) {
    this.#semaphore = semaphore;
    this.#reserved = reserved;
    this.#acquired = reserved;
  }

  /**
   * Waits until a part fits, for which earlier parts of the body may have to be sent first.
   * @param preferred size in bytes of a larger part, which is taken only if it fits without waiting
   * @returns the size in bytes that was taken
   */
  async take(bytes: number, preferred = bytes): Promise<number> {
    if (preferred > bytes && this.#tryExtend(this.#used + preferred)) {
      this.#used += preferred;
      return preferred;
    }
    while (this.#used > 0 && !this.#tryExtend(this.#used + bytes)) await this.#released.promise;
    this.#used += bytes;
    return bytes;
  }

  /** Returns the memory of a part that was sent or is discarded. */
  give(bytes: number): void {
    this.#used -= bytes;
    this.#shrink(Math.max(this.#reserved, this.#used));
    this.#released.resolve();
    this.#released = Promise.withResolvers();
  }

  /** Returns all memory, after the last part. */
  end(): void {
    this.#shrink(0);
  }

  #tryExtend(bytes: number): boolean {
    const missing = bytes - this.#acquired;
    if (missing <= 0) return true;
    if (!this.#semaphore.tryAcquire(missing)) return false;
    this.#acquired = bytes;
    return true;
  }

  #shrink(bytes: number): void {
    if (this.#acquired <= bytes) return;
    this.#semaphore.release(this.#acquired - bytes);
    this.#acquired = bytes;
  }
}
