import type { Body } from "../../../ports/body.ts";

const MEBIBYTE = 1024 * 1024;

/** Minimum size of a part in bytes, except the last: docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MIN_PART_SIZE = 5 * MEBIBYTE;

const FIRST_PART_BYTES = 8 * MEBIBYTE;
const PARTS_PER_SIZE = 1000;

/** Returns the size of a part in bytes: it doubles every thousand parts, so that 10,000 parts hold more than 5 TiB. */
export function partSize(number: number): number {
  return FIRST_PART_BYTES * 2 ** Math.floor((number - 1) / PARTS_PER_SIZE);
}

/** Size in bytes of parts after the first, where memory allows: each part is a billed request. */
const LARGE_PART_BYTES = 32 * MEBIBYTE;

/** Returns the size of a part in bytes where memory allows. The first one is small, so that most bodies need no more. */
export function preferredPartSize(number: number): number {
  return number === 1 ? FIRST_PART_BYTES : Math.max(LARGE_PART_BYTES, partSize(number));
}

/** Reader that splits a body into parts, and passes all bytes to an observer in order. */
export class PartReader implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #observe: (bytes: Uint8Array) => void;
  #rest: Uint8Array | undefined;
  #ended = false;
  /** Number of bytes read so far. */
  size = 0;

  constructor(body: Body, observe: (bytes: Uint8Array) => void) {
    this.#chunks = body[Symbol.asyncIterator]();
    this.#observe = observe;
  }

  /** Whether the whole body has been read. */
  get hasEnded(): boolean {
    return this.#ended && this.#rest === undefined;
  }

  /**
   * Reads the next part: as many bytes as the buffer holds, or fewer at the end.
   * @param filled number of bytes at the beginning of the buffer that belong to the part already
   */
  async next(part: Uint8Array<ArrayBuffer>, filled = 0): Promise<Uint8Array<ArrayBuffer>> {
    while (filled < part.length) {
      const chunk = this.#rest ?? (await this.#read());
      if (chunk === undefined) break;
      const taken = chunk.subarray(0, part.length - filled);
      part.set(taken, filled);
      filled += taken.length;
      this.#rest = taken.length < chunk.length ? chunk.subarray(taken.length) : undefined;
    }
    this.#rest ??= await this.#read();
    return part.subarray(0, filled);
  }

  /** Closes the body, which signals to the sender that no more is read. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#chunks.return?.();
  }

  async #read(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    const { done, value } = await this.#chunks.next();
    if (done === true) {
      this.#ended = true;
      return undefined;
    }
    this.#observe(value);
    this.size += value.length;
    return value;
  }
}
