import { createHash, randomUUID } from "node:crypto";
import { open, rm, stat } from "node:fs/promises";
import { algorithmOf, type Digest, makeDigest } from "../../oci/digest.ts";
import { type ByteRange, rangeLength } from "../../oci/range.ts";
import type { BlobStat, BlobStore } from "../../ports/blob-store.ts";
import type { Body } from "../../ports/body.ts";
import { digestMismatch } from "../digest-mismatch.ts";
import { FileChunks } from "./file-chunks.ts";
import { blobPath, publish, translateDiskErrors, undefinedIfMissing, uploadPath, withFile } from "./files.ts";
import { writeBody } from "./write.ts";

/** Prefix of the temporary files of single-request uploads, which are useless after a restart. */
export const REQUEST_FILE_PREFIX = "put-";

/** Blobs stored as files named by their digest. */
export class DiskBlobs implements BlobStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async stat(digest: Digest): Promise<BlobStat | undefined> {
    const stats = await undefinedIfMissing(stat(blobPath(this.#root, digest)));
    return stats === undefined ? undefined : { size: stats.size };
  }

  async get(digest: Digest, range?: ByteRange, size?: number): Promise<Body | undefined> {
    const file = await undefinedIfMissing(open(blobPath(this.#root, digest)));
    if (file === undefined) return undefined;
    await using opened = new AsyncDisposableStack();
    opened.use(file);
    const stored = (await file.stat()).size;
    if (size !== undefined && stored !== size) return undefined;
    const [first, length] = range === undefined ? [0, stored] : [range.first, rangeLength(range)];
    // The body now owns the file and closes it.
    opened.move();
    return new FileChunks(file, first, length);
  }

  async put(digest: Digest, body: Body): Promise<BlobStat> {
    const path = uploadPath(this.#root, `${REQUEST_FILE_PREFIX}${randomUUID()}`);
    try {
      const size = await translateDiskErrors(withFile(path, (file) => receive(file, digest, body)));
      await translateDiskErrors(publish(path, blobPath(this.#root, digest)));
      return { size };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }
}

async function receive(file: Parameters<typeof writeBody>[0], digest: Digest, body: Body): Promise<number> {
  const algorithm = algorithmOf(digest);
  const hash = createHash(algorithm);
  const size = await writeBody(file, 0, body, hash);
  const computed = makeDigest(algorithm, hash.digest("hex"));
  // MUST: "If present, the value of this header MUST be a digest matching that of the response body."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
  // MUST: "Likewise, the `<digest>` MUST match the blob's digest."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#single-post
  if (computed !== digest) throw digestMismatch(digest, computed);
  await file.datasync();
  return size;
}
