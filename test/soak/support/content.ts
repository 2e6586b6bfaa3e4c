import { createCipheriv, createHash } from "node:crypto";

const CHUNK = 1024 * 1024;
const AES_BLOCK = 16n;

/** A blob that is generated for each transfer, so that none is ever complete in memory. */
export interface Content {
  readonly seed: string;
  /** Bytes. */
  readonly size: number;
  readonly digest: string;
}

export function makeContent(seed: string, size: number): Content {
  return { seed, size, digest: digestOfBytes(bytesOf({ seed, size })) };
}

export function digestOfBytes(chunks: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

/** Returns the bytes between two positions: the key stream of AES in counter mode, so that no two parts are equal. */
export function* bytesOf(
  { seed, size }: Pick<Content, "seed" | "size">,
  from = 0,
  to = size,
): Generator<Uint8Array> {
  const key = createHash("sha256").update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv("aes-128-ctr", key, counterAt(from));
  cipher.update(Buffer.alloc(from % Number(AES_BLOCK)));
  const zeros = Buffer.alloc(CHUNK);
  for (let at = from; at < to; at += CHUNK) yield cipher.update(zeros.subarray(0, Math.min(CHUNK, to - at)));
}

function counterAt(position: number): Buffer {
  const hex = (BigInt(position) / AES_BLOCK).toString(16).padStart(32, "0");
  return Buffer.from(hex, "hex");
}
