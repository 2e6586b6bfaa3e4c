import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Algorithm } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { Staged } from "../../ports/upload-store.ts";
import { unlessMissing } from "./files.ts";

/** Sessions whose hash is kept at hand; the others' bytes are read again. */
const MAX_KEPT = 1000;

interface Kept {
  readonly hash: Hash;
  readonly size: number;
  readonly algorithm: Algorithm;
}

/** The hashes of unfinished uploads. They are lost with the process, which costs time but nothing else. */
export class UploadHashes {
  readonly #kept = new Map<string, Kept>();

  /** The hash of what is staged, to be copied before it is used. @throws OciError `BLOB_UPLOAD_UNKNOWN` */
  async of({ id, size, algorithm }: Staged, path: string): Promise<Hash> {
    const kept = this.#kept.get(id);
    if (kept?.size === size && kept.algorithm === algorithm) return kept.hash;
    const hash = await hashFile(path, size, algorithm);
    this.keep({ id, size, algorithm }, hash);
    return hash;
  }

  keep({ id, size, algorithm }: Staged, hash: Hash): void {
    this.#kept.delete(id);
    this.#kept.set(id, { hash, size, algorithm });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  forget(id: string): void {
    this.#kept.delete(id);
  }
}

async function hashFile(path: string, size: number, algorithm: Algorithm): Promise<Hash> {
  const hash = createHash(algorithm);
  const hashed = size === 0 ? 0 : await unlessMissing(feed(path, size, hash));
  if (hashed !== size) throw new OciError("BLOB_UPLOAD_UNKNOWN");
  return hash;
}

async function feed(path: string, size: number, hash: Hash): Promise<number> {
  let fed = 0;
  for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: 1024 * 1024 })) {
    hash.update(chunk);
    fed += chunk.length;
  }
  return fed;
}
