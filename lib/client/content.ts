import { createCipheriv, createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type Digest, makeDigest } from "../oci/digest.ts";

/** A byte sequence that can be read repeatedly. */
export interface Content {
  /** Size in bytes. If undefined, the body is sent with `Transfer-Encoding: chunked`. */
  readonly size: number | undefined;
  chunks(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Content of a known size and digest. */
export interface Blob extends Content {
  readonly size: number;
  readonly digest: Digest;
  chunks(): Iterable<Uint8Array>;
}

/** Length of the seed of `createRandomBlob` in bytes: an AES-256 key. */
export const SEED_BYTES = 32;

const BLOCK_BYTES = 64 * 1024;

/** Number of blocks that are hashed before control returns to the event loop. */
const BLOCKS_BETWEEN_YIELDS = 256;

/** Creates a blob of these bytes. */
export function createBlob(bytes: Uint8Array): Blob {
  return { size: bytes.length, digest: sha256Digest(bytes), chunks: () => [bytes] };
}

/**
 * Creates a blob of pseudorandom bytes. The bytes are generated from the seed on each read, not stored.
 * @param seed SEED_BYTES bytes
 * @param size in bytes
 */
export async function createRandomBlob(seed: Uint8Array, size: number): Promise<Blob> {
  const chunks = () => keystream(seed, size);
  const hash = createHash("sha256");
  let blocks = 0;
  for (const chunk of chunks()) {
    hash.update(chunk);
    blocks += 1;
    if (blocks % BLOCKS_BETWEEN_YIELDS === 0) await setImmediate();
  }
  return { size, digest: makeDigest("sha256", hash.digest("hex")), chunks };
}

/** Returns the same content without its size, so that it is sent with `Transfer-Encoding: chunked`. */
export function withoutSize({ chunks }: Content): Content {
  return { size: undefined, chunks };
}

/** Returns the bytes of a blob in one buffer. */
export function bytesOf(blob: Blob): Buffer {
  return Buffer.concat([...blob.chunks()]);
}

/** Returns the SHA-256 digest of these bytes. */
export function sha256Digest(bytes: Uint8Array): Digest {
  return makeDigest("sha256", createHash("sha256").update(bytes).digest("hex"));
}

function* keystream(seed: Uint8Array, size: number): Iterable<Uint8Array> {
  const cipher = createCipheriv("aes-256-ctr", seed, Buffer.alloc(16));
  const zeros = Buffer.alloc(BLOCK_BYTES);
  for (let left = size; left > 0; left -= BLOCK_BYTES) {
    yield cipher.update(zeros.subarray(0, Math.min(left, BLOCK_BYTES)));
  }
}
