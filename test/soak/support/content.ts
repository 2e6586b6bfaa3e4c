import { createCipheriv, createHash } from "node:crypto";

const CHUNK_BYTES = 1024 * 1024;
const AES_BLOCK_BYTES = 16n;

/** A blob that is generated each time it is sent, so that no blob is held in memory as a whole. */
export interface Content {
  readonly seed: string;
  /** Size in bytes. */
  readonly size: number;
  readonly digest: string;
}

/** Describes the blob of a seed and size, and computes its digest. */
export function createContent(seed: string, size: number): Content {
  return { seed, size, digest: digestOfBytes(generateBytes({ seed, size })) };
}

/** Computes the SHA-256 digest of chunks. */
export function digestOfBytes(chunks: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

/** Generates the bytes from one position up to another: the key stream of AES in counter mode, in which no part repeats. */
export function* generateBytes(
  { seed, size }: Pick<Content, "seed" | "size">,
  from = 0,
  to = size,
): Generator<Uint8Array> {
  const key = createHash("sha256").update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv("aes-128-ctr", key, counterAt(from));
  cipher.update(Buffer.alloc(from % Number(AES_BLOCK_BYTES)));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  for (let at = from; at < to; at += CHUNK_BYTES) {
    yield cipher.update(zeros.subarray(0, Math.min(CHUNK_BYTES, to - at)));
  }
}

function counterAt(position: number): Buffer {
  const hex = (BigInt(position) / AES_BLOCK_BYTES).toString(16).padStart(32, "0");
  return Buffer.from(hex, "hex");
}
