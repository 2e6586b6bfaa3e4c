import { createHash } from "node:crypto";
import { Exclusive } from "../../concurrency/exclusive.ts";
import { type Algorithm, algorithmOf, type Digest, makeDigest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { ByteRange } from "../../oci/range.ts";
import type { BlobStat, BlobStore } from "../../ports/blob-store.ts";
import { type Body, bodyOf, collect } from "../../ports/body.ts";
import {
  type SessionUse,
  type StagedUpload,
  UploadBusyError,
  type UploadStore,
} from "../../ports/upload-store.ts";
import { digestMismatch } from "../digest-mismatch.ts";

/** Blobs and uploads in the memory of one process, for tests. */
export class MemoryBlobs implements BlobStore, UploadStore {
  readonly #blobs = new Map<Digest, Uint8Array>();
  readonly #staged = new Map<string, Uint8Array>();
  readonly #sessions = new Exclusive<SessionUse>((id, running) => new UploadBusyError(id, running));

  async stat(digest: Digest): Promise<BlobStat | undefined> {
    const bytes = this.#blobs.get(digest);
    return bytes === undefined ? undefined : { size: bytes.length };
  }

  async get(digest: Digest, range?: ByteRange): Promise<Body | undefined> {
    const bytes = this.#blobs.get(digest);
    if (bytes === undefined) return undefined;
    return bodyOf(range === undefined ? bytes : bytes.subarray(range.first, range.last + 1));
  }

  async put(digest: Digest, body: Body): Promise<BlobStat> {
    const bytes = await collect(body);
    this.#store(digest, bytes);
    return { size: bytes.length };
  }

  async runExclusively<T>(id: string, use: SessionUse, work: () => Promise<T>): Promise<T> {
    return await this.#sessions.run(id, use, work);
  }

  async begin(id: string, algorithm: Algorithm): Promise<StagedUpload> {
    return { id, algorithm, size: 0 };
  }

  async append(staged: StagedUpload, body: Body): Promise<StagedUpload> {
    const before = this.#staged.get(staged.id)?.subarray(0, staged.size) ?? new Uint8Array();
    if (before.length < staged.size) throw new OciError("BLOB_UPLOAD_UNKNOWN");
    const bytes = Buffer.concat([before, await collect(body)]);
    this.#staged.set(staged.id, bytes);
    return { ...staged, size: bytes.length };
  }

  async commit(staged: StagedUpload, digest: Digest): Promise<void> {
    const bytes = this.#staged.get(staged.id)?.subarray(0, staged.size);
    if (bytes === undefined) throw new OciError("BLOB_UPLOAD_UNKNOWN");
    this.#store(digest, bytes);
  }

  async discard(staged: StagedUpload): Promise<void> {
    this.#staged.delete(staged.id);
  }

  #store(digest: Digest, bytes: Uint8Array): void {
    const algorithm = algorithmOf(digest);
    const computed = makeDigest(algorithm, createHash(algorithm).update(bytes).digest("hex"));
    if (computed !== digest) throw digestMismatch(digest, computed);
    this.#blobs.set(digest, bytes);
  }
}
