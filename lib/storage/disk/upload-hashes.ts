import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Algorithm } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { StagedUpload } from "../../ports/upload-store.ts";
import { undefinedIfMissing } from "./files.ts";

/** Maximum number of cached session hashes; for other sessions, the staged bytes are read again. */
const MAX_CACHED_HASHES = 1000;

interface CachedHash {
  readonly hash: Hash;
  readonly size: number;
  readonly algorithm: Algorithm;
}

/** Cache of the hash states of unfinished uploads. After a restart, the staged bytes must be read again. */
export class UploadHashes {
  readonly #cache = new Map<string, CachedHash>();

  /** Returns the hash of the staged bytes; the caller must copy the hash before use. @throws OciError `BLOB_UPLOAD_UNKNOWN` */
  async get({ id, size, algorithm }: StagedUpload, path: string): Promise<Hash> {
    const cached = this.#cache.get(id);
    if (cached?.size === size && cached.algorithm === algorithm) return cached.hash;
    const hash = await hashFile(path, size, algorithm);
    this.set({ id, size, algorithm }, hash);
    return hash;
  }

  /** Caches a session's hash, and evicts the oldest one when the cache is full. */
  set({ id, size, algorithm }: StagedUpload, hash: Hash): void {
    this.#cache.delete(id);
    this.#cache.set(id, { hash, size, algorithm });
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > MAX_CACHED_HASHES && oldest !== undefined) this.#cache.delete(oldest);
  }

  /** Removes a session's hash. */
  delete(id: string): void {
    this.#cache.delete(id);
  }
}

async function hashFile(path: string, size: number, algorithm: Algorithm): Promise<Hash> {
  const hash = createHash(algorithm);
  const hashed = size === 0 ? 0 : await undefinedIfMissing(hashPrefix(path, size, hash));
  if (hashed !== size) throw new OciError("BLOB_UPLOAD_UNKNOWN");
  return hash;
}

async function hashPrefix(path: string, size: number, hash: Hash): Promise<number> {
  let hashedBytes = 0;
  for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: 1024 * 1024 })) {
    hash.update(chunk);
    hashedBytes += chunk.length;
  }
  return hashedBytes;
}
