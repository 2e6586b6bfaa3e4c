/**
 * A stream of bytes that can be read once, from beginning to end. The memory of a chunk may be reused as soon as the chunk
 * after the next one is requested: a consumer that keeps a chunk must copy it.
 */
export type Body = AsyncIterable<Uint8Array>;

/** Copy of the bytes of chunks. Short chunks take no more memory than their bytes: a list of them would take a hundredfold. */
class Collector {
  #bytes = Buffer.alloc(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(chunk: Uint8Array): void {
    const size = this.#size + chunk.length;
    if (size > this.#bytes.length) this.#grow(Math.max(size, 2 * this.#bytes.length));
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
  }

  /** Returns the bytes, without the room for more. */
  toBuffer(): Buffer {
    return this.#size === this.#bytes.length ? this.#bytes : Buffer.from(this.#bytes.subarray(0, this.#size));
  }

  #grow(length: number): void {
    const longer = Buffer.allocUnsafeSlow(length);
    longer.set(this.#bytes);
    this.#bytes = longer;
  }
}

/** Reads all bytes of a body that is known to be small. */
export async function collect(body: Body): Promise<Uint8Array> {
  const collector = new Collector();
  for await (const chunk of body) collector.add(chunk);
  return collector.toBuffer();
}

/**
 * Reads all bytes of a body of unknown size.
 * @param limit bytes
 * @returns undefined when the body is longer than the limit; the rest is not read
 */
export async function collectUpTo(limit: number, body: Body): Promise<Buffer | undefined> {
  const collector = new Collector();
  for await (const chunk of body) {
    if (collector.size + chunk.length > limit) return undefined;
    collector.add(chunk);
  }
  return collector.toBuffer();
}

/** Creates a body from chunks. */
export async function* bodyOf(...chunks: readonly Uint8Array[]): Body {
  yield* chunks;
}
