import type { Hash } from "node:crypto";
import { type FileHandle, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Exclusive } from "../../concurrency/exclusive.ts";
import { type Algorithm, algorithmOf, type Digest, makeDigest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { Body } from "../../ports/body.ts";
import { UPLOADS_PREFIX } from "../../ports/object-names.ts";
import {
  type SessionUse,
  type StagedUpload,
  UploadBusyError,
  type UploadStore,
} from "../../ports/upload-store.ts";
import { digestMismatch } from "../digest-mismatch.ts";
import { REQUEST_FILE_PREFIX } from "./blobs.ts";
import {
  blobPath,
  publish,
  syncFolder,
  translateDiskErrors,
  undefinedIfMissing,
  uploadPath,
  withExistingFile,
  withFile,
} from "./files.ts";
import { UploadHashes } from "./upload-hashes.ts";
import { writeBody } from "./write.ts";

/** Upload sessions stored as files next to the blobs. */
export class DiskUploads implements UploadStore {
  readonly #root: string;
  readonly #hashes = new UploadHashes();
  readonly #sessions = new Exclusive<SessionUse>((id, running) => new UploadBusyError(id, running));

  constructor(root: string) {
    this.#root = root;
  }

  async runExclusively<T>(id: string, use: SessionUse, work: () => Promise<T>): Promise<T> {
    return await this.#sessions.run(id, use, work);
  }

  async begin(id: string, algorithm: Algorithm): Promise<StagedUpload> {
    return { id, algorithm, size: 0 };
  }

  async append(staged: StagedUpload, body: Body): Promise<StagedUpload> {
    return await translateDiskErrors(this.#append(staged, body));
  }

  async commit(staged: StagedUpload, digest: Digest): Promise<void> {
    const path = uploadPath(this.#root, staged.id);
    const algorithm = algorithmOf(digest);
    const hash = await this.#hashes.get({ ...staged, algorithm }, path);
    const computed = makeDigest(algorithm, hash.copy().digest("hex"));
    if (computed !== digest) throw digestMismatch(digest, computed);
    const published = await undefinedIfMissing(translateDiskErrors(this.#publish(staged, path, digest)));
    if (!(published ?? (await this.#wasPublished(staged, digest)))) throw new OciError("BLOB_UPLOAD_UNKNOWN");
  }

  async discard(staged: StagedUpload): Promise<void> {
    this.#hashes.delete(staged.id);
    await rm(uploadPath(this.#root, staged.id), { force: true });
  }

  /** Deletes staged files that have not been written since `before` (epoch milliseconds). */
  async sweep(before: number): Promise<void> {
    for (const name of await readdir(join(this.#root, UPLOADS_PREFIX))) {
      const stats = await undefinedIfMissing(stat(uploadPath(this.#root, name)));
      if (stats !== undefined && stats.mtimeMs < before)
        await rm(uploadPath(this.#root, name), { force: true });
    }
  }

  /** Deletes the temporary files of single-request uploads that a previous process did not finish. */
  async sweepRequests(): Promise<void> {
    for (const name of await readdir(join(this.#root, UPLOADS_PREFIX))) {
      if (name.startsWith(REQUEST_FILE_PREFIX)) await rm(uploadPath(this.#root, name), { force: true });
    }
  }

  async #append(staged: StagedUpload, body: Body): Promise<StagedUpload> {
    const path = uploadPath(this.#root, staged.id);
    const hash = (await this.#hashes.get(staged, path)).copy();
    const open = staged.size === 0 ? withFile : withExistingFile;
    const longer = await undefinedIfMissing(
      open(path, async (file) => {
        if ((await file.stat()).size < staged.size) return undefined;
        return await this.#write(file, staged, body, hash);
      }),
    );
    // The file has lost bytes that the cached hash may still cover: the resulting blob would not match its digest.
    if (longer === undefined) throw new OciError("BLOB_UPLOAD_UNKNOWN");
    return longer;
  }

  async #write(file: FileHandle, staged: StagedUpload, body: Body, hash: Hash): Promise<StagedUpload> {
    try {
      await file.truncate(staged.size);
      const longer = { ...staged, size: await writeBody(file, staged.size, body, hash) };
      this.#hashes.set(longer, hash);
      return longer;
    } catch (error) {
      await file.truncate(staged.size);
      throw error;
    }
  }

  /**
   * Truncates the staged file to the recorded size, and moves it to the blob's path. Bytes that were stored but not recorded
   * belong to neither the session nor the blob.
   * @returns false when recorded bytes are missing; the file then stays where it is
   */
  async #publish(staged: StagedUpload, path: string, digest: Digest): Promise<boolean> {
    const isWhole = await withExistingFile(path, async (file) => {
      const { size } = await file.stat();
      if (size > staged.size) await file.truncate(staged.size);
      await file.datasync();
      return size >= staged.size;
    });
    if (isWhole) await publish(path, blobPath(this.#root, digest));
    return isWhole;
  }

  /** Returns whether an earlier attempt published the blob before it failed. */
  async #wasPublished({ size }: StagedUpload, digest: Digest): Promise<boolean> {
    const path = blobPath(this.#root, digest);
    const stats = await undefinedIfMissing(stat(path));
    if (stats?.size !== size) return false;
    await syncFolder(dirname(path));
    return true;
  }
}
