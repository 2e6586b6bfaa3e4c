import type { Body } from "../../../ports/body.ts";

const MEBIBYTE = 1024 * 1024;

/** What S3 takes at least for a part, the last excepted: docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MIN_PART_SIZE = 5 * MEBIBYTE;

const FIRST_PART_SIZE = 8 * MEBIBYTE;
const PARTS_OF_A_SIZE = 1000;

/** The size of a part in bytes: it doubles every thousand parts, so that 10,000 hold more than 5 TiB. */
export function partSize(number: number): number {
  return FIRST_PART_SIZE * 2 ** Math.floor((number - 1) / PARTS_OF_A_SIZE);
}

/** Cuts a body into parts, and shows all bytes to an observer in their order. */
export class PartReader implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #observe: (bytes: Uint8Array) => void;
  #rest: Uint8Array | undefined;
  #ended = false;
  /** Bytes read so far. */
  size = 0;

  constructor(body: Body, observe: (bytes: Uint8Array) => void) {
    this.#chunks = body[Symbol.asyncIterator]();
    this.#observe = observe;
  }

  /** Whether all has been read. */
  get ended(): boolean {
    return this.#ended && this.#rest === undefined;
  }

  /** The next part: as many bytes as the buffer takes, or fewer at the end. */
  async next(part: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    let filled = 0;
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

  /** Tells the sender that no more will be read. */
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
