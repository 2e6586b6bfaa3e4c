import { partSize } from "./parts.ts";

/** What a buffer of its own size holds, and nothing else does. */
type Part = Uint8Array<ArrayBuffer>;

/**
 * Memory for parts. Left to the garbage collector, what was sent would pile up faster than it is freed, so it is used
 * again, or freed at once. Only buffers of the usual size are kept, only some, and only as long as anybody takes them.
 */
export class PartBuffers {
  readonly #free: Part[] = [];
  readonly #most: number;
  #users = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Does some work that takes buffers. */
  async using<T>(work: () => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
      if (this.#users === 0) for (const part of this.#free.splice(0)) release(part);
    }
  }

  take(size: number): Part {
    return (size === partSize(1) ? this.#free.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
  }

  /** Only once nobody reads from it any more. @param part what `take` has returned, or a beginning of it */
  giveBack(part: Part): void {
    const whole = new Uint8Array(part.buffer);
    if (whole.length === partSize(1) && this.#free.length < this.#most) this.#free.push(whole);
    else release(whole);
  }
}

/** Moving the memory to a buffer without room frees it. */
function release(part: Part): void {
  part.buffer.transfer(0);
}
