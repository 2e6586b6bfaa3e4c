import { createCipheriv, createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type Digest, makeDigest } from "../oci/digest.ts";

/** Bytes that can be read any number of times. */
export interface Content {
  /** Bytes; undefined when it is not known before, so that they are sent in chunks. */
  readonly size: number | undefined;
  chunks(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface Blob extends Content {
  readonly size: number;
  readonly digest: Digest;
  chunks(): Iterable<Uint8Array>;
}

export const SEED_BYTES = 32;

const BLOCK_BYTES = 64 * 1024;

/** So many blocks are hashed in a row before others get their turn. */
const BLOCKS_IN_A_ROW = 256;

export function bytesBlob(bytes: Uint8Array): Blob {
  return { size: bytes.length, digest: sha256(bytes), chunks: () => [bytes] };
}

/** Bytes that nobody has seen before, of any size: they are made again each time that they are read. */
export async function randomBlob(seed: Uint8Array, size: number): Promise<Blob> {
  const chunks = () => keystream(seed, size);
  const hash = createHash("sha256");
  let blocks = 0;
  for (const chunk of chunks()) {
    hash.update(chunk);
    blocks += 1;
    if (blocks % BLOCKS_IN_A_ROW === 0) await setImmediate();
  }
  return { size, digest: makeDigest("sha256", hash.digest("hex")), chunks };
}

/** The same content, sent without announcing its length. */
export function unannounced({ chunks }: Content): Content {
  return { size: undefined, chunks };
}

export function bytesOf(blob: Blob): Buffer {
  return Buffer.concat([...blob.chunks()]);
}

export function sha256(bytes: Uint8Array): Digest {
  return makeDigest("sha256", createHash("sha256").update(bytes).digest("hex"));
}

function* keystream(seed: Uint8Array, size: number): Iterable<Uint8Array> {
  const cipher = createCipheriv("aes-256-ctr", seed, Buffer.alloc(16));
  const zeros = Buffer.alloc(BLOCK_BYTES);
  for (let left = size; left > 0; left -= BLOCK_BYTES) {
    yield cipher.update(zeros.subarray(0, Math.min(left, BLOCK_BYTES)));
  }
}
