import { partSize } from "./parts.ts";

/**
 * Memory for parts, used again and again: left to the garbage collector, what was sent would pile up faster than it is
 * freed. Only buffers of the usual size are kept, and only some.
 */
export class PartBuffers {
  readonly #free: Uint8Array[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  take(size: number): Uint8Array {
    return (size === partSize(1) ? this.#free.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
  }

  /** Only once nobody reads from it any more. @param part what `take` has returned, or a beginning of it */
  giveBack(part: Uint8Array): void {
    const whole = new Uint8Array(part.buffer);
    if (whole.length === partSize(1) && this.#free.length < this.#most) this.#free.push(whole);
  }
}
