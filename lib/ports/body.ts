/**
 * A stream of bytes that can be read once, from beginning to end. The memory of a chunk may be reused as soon as the chunk
 * after the next one is requested: a consumer that keeps a chunk must copy it.
 */
export type Body = AsyncIterable<Uint8Array>;

/** Reads all bytes of a body that is known to be small. */
export async function collect(body: Body): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/**
 * Reads all bytes of a body of unknown size.
 * @param limit bytes
 * @returns undefined when the body is longer than the limit; the rest is not read
 */
export async function collectUpTo(limit: number, body: Body): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(chunks);
}

/** Creates a body from chunks. */
export async function* bodyOf(...chunks: readonly Uint8Array[]): Body {
  yield* chunks;
}
