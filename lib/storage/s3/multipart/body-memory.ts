import type { Semaphore } from "../../../concurrency/semaphore.ts";

/**
 * One body's share of the part memory. It always has room for one part, so that a body that has started never waits for other
 * bodies; further concurrent parts require memory that no other body is using or waiting for.
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
   * Waits until a part fits; earlier parts of the same body may have to be sent first.
   * @param preferred size in bytes of a larger part, taken instead if it fits without waiting
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

  /** Returns the memory of a part that has been sent or discarded. */
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
