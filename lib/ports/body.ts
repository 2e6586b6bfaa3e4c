/**
 * A stream of bytes that is read once, from beginning to end. A chunk may be overwritten as soon as the one after the
 * next is asked for: who keeps it copies it.
 */
export type Body = AsyncIterable<Uint8Array>;

/** All bytes of a body that is known to be small. */
export async function collect(body: Body): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/**
 * All bytes of a body that may be of any size.
 * @param limit bytes
 * @returns undefined as soon as there are more; the rest is not read
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

/** A body of these bytes. */
export async function* bodyOf(...chunks: readonly Uint8Array[]): Body {
  yield* chunks;
}
