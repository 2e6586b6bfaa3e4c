import { partSize } from "./parts.ts";

/** View of a whole buffer that is not shared. */
type Part = Uint8Array<ArrayBuffer>;

/**
 * Pool of part buffers. Left to the garbage collector, sent parts would accumulate faster than they are freed, so they are
 * reused or freed immediately. The pool keeps a limited number of buffers of the default size, and is empty while idle.
 */
export class PartBuffers {
  readonly #free: Part[] = [];
  readonly #maxFree: number;
  #users = 0;

  constructor(most: number) {
    this.#maxFree = most;
  }

  /** Runs work that uses the pool, and empties the pool after the last user. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
      if (this.#users === 0) for (const part of this.#free.splice(0)) freeMemory(part);
    }
  }

  /** Returns a pooled or new buffer of a size in bytes. */
  acquire(size: number): Part {
    return (size === partSize(1) ? this.#free.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
  }

  /** Returns a buffer to the pool once it has no more readers. @param part buffer returned by `acquire`, or a prefix of it */
  release(part: Part): void {
    const whole = new Uint8Array(part.buffer);
    if (whole.length === partSize(1) && this.#free.length < this.#maxFree) this.#free.push(whole);
    else freeMemory(whole);
  }
}

/** Frees memory: transferring a buffer to length 0 detaches it. */
function freeMemory(part: Part): void {
  part.buffer.transfer(0);
}
