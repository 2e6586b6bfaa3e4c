import { createHash, randomUUID } from "node:crypto";
import { DeleteObjectsCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import { type Algorithm, algorithmOf, type Digest, makeDigest, parseDigest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import type { Body } from "../../ports/body.ts";
import { blobName } from "../../ports/object-names.ts";
import type { SessionUse, StagedUpload, UploadStore } from "../../ports/upload-store.ts";
import { digestMismatch } from "../digest-mismatch.ts";
import { objectBody } from "./body.ts";
import { type UploadBucket, uploadPrefix } from "./bucket.ts";
import { translateS3Errors, undefinedIfMissing } from "./errors.ts";
import { concatenateObjects } from "./multipart/copy.ts";
import { MIN_PART_SIZE } from "./multipart/parts.ts";
import { upload } from "./multipart/upload.ts";
import { ResumableHash } from "./resumable-hash.ts";

/** Staged object below the session's prefix: name and size in bytes. */
type Piece = readonly [name: string, size: number];

/**
 * State in the session's record. All pieces except the last are large enough to become parts of the final object. It contains
 * either the digest of the bytes received so far, or the state of a resumable hash.
 */
type S3Staged = StagedUpload & {
  readonly pieces: readonly Piece[];
  /** Names of objects whose bytes are repeated in the last piece. The next request deletes these objects. */
  readonly replaced: readonly string[];
  readonly digest?: string | undefined;
  readonly hash?: Uint8Array | undefined;
};

const MAX_DELETE_BATCH = 1000;

/** Upload sessions staged as objects, which S3 copies to their final key. Any process can continue a session. */
export class S3Uploads implements UploadStore {
  readonly #bucket: UploadBucket;

  constructor(bucket: UploadBucket) {
    this.#bucket = bucket;
  }

  /** Runs without exclusion: concurrent requests write separate objects, and the record accepts only one of them. */
  async runExclusively<T>(_id: string, _use: SessionUse, work: () => Promise<T>): Promise<T> {
    return await work();
  }

  async begin(id: string, algorithm: Algorithm): Promise<StagedUpload> {
    const staged: S3Staged = { id, algorithm, size: 0, pieces: [], replaced: [] };
    return staged;
  }

  /**
   * Writes each chunk to a separate object, so that of two concurrent requests the loser changes nothing. If the last piece is
   * smaller than the minimum part size, its bytes are repeated at the start of the new piece.
   */
  async append(state: StagedUpload, body: Body): Promise<StagedUpload> {
    const staged = state as S3Staged;
    const kept = staged.pieces.filter(([, size]) => size >= MIN_PART_SIZE);
    const repeated = staged.pieces.filter(([, size]) => size < MIN_PART_SIZE);
    const hash = await this.#hashToContinue(staged);
    const name = randomUUID();
    const whole = this.#joinPieces(staged, repeated, body, (bytes) => hash.update(bytes));
    const key = `${uploadPrefix(staged.id)}${name}`;
    const freeing = this.#free(staged.id, staged.replaced).catch(() => undefined);
    const size = await upload(this.#bucket, key, whole, {
      observe: () => undefined,
      verify: () => undefined,
    });
    await freeing;
    return {
      ...staged,
      size: sizeOf(kept) + size,
      pieces: [...kept, [name, size]],
      replaced: repeated.map(([replaced]) => replaced),
      ...hash.result(),
    } satisfies S3Staged;
  }

  async commit(state: StagedUpload, digest: Digest): Promise<void> {
    const staged = state as S3Staged;
    const computed = await this.#digestOf(staged, algorithmOf(digest));
    if (computed !== digest) throw digestMismatch(digest, computed);
    const sources = staged.pieces.map(([name, size]) => ({ key: `${uploadPrefix(staged.id)}${name}`, size }));
    await concatenateObjects(this.#bucket, sources, blobName(digest));
  }

  async discard(state: StagedUpload): Promise<void> {
    const { id, pieces, replaced } = state as S3Staged;
    await this.#free(id, [...replaced, ...pieces.map(([name]) => name)]);
  }

  async #free(id: string, names: readonly string[]): Promise<void> {
    for (let start = 0; start < names.length; start += MAX_DELETE_BATCH) {
      const batch = names.slice(start, start + MAX_DELETE_BATCH);
      const Objects = batch.map((name) => ({ Key: `${uploadPrefix(id)}${name}` }));
      const Delete = { Objects, Quiet: true };
      await translateS3Errors(
        this.#bucket.client.send(new DeleteObjectsCommand({ Bucket: this.#bucket.name, Delete })),
      );
    }
  }

  /** Yields the repeated pieces, then the new bytes; only the new bytes are passed to the hash. */
  async *#joinPieces(
    { id }: S3Staged,
    pieces: readonly Piece[],
    body: Body,
    observe: (bytes: Uint8Array) => void,
  ): Body {
    for (const [name] of pieces) yield* await this.#read(id, name);
    for await (const bytes of body) {
      observe(bytes);
      yield bytes;
    }
  }

  /**
   * Returns the hash for the next chunk. Most uploads have only one chunk, for which the fast hash is used, whose state cannot
   * be saved. For a second chunk, the stored bytes are read again and hashed with a resumable hash.
   */
  async #hashToContinue(staged: S3Staged): Promise<ChunkHash> {
    if (staged.size === 0) return new SingleChunkHash(staged.algorithm);
    if (staged.hash !== undefined) return await ResumableHash.load(staged.algorithm, staged.hash);
    const hash = await ResumableHash.create(staged.algorithm);
    for await (const bytes of this.#readAll(staged)) hash.update(bytes);
    return hash;
  }

  async #digestOf(staged: S3Staged, algorithm: Algorithm): Promise<Digest> {
    if (algorithm === staged.algorithm) {
      if (staged.digest !== undefined) return parseDigest(staged.digest);
      if (staged.hash !== undefined) return (await ResumableHash.load(algorithm, staged.hash)).digest();
    }
    const hash = createHash(algorithm);
    for await (const bytes of this.#readAll(staged)) hash.update(bytes);
    return makeDigest(algorithm, hash.digest("hex"));
  }

  async *#readAll({ id, pieces }: S3Staged): Body {
    for (const [name] of pieces) yield* await this.#read(id, name);
  }

  async #read(id: string, name: string): Promise<Body> {
    const command = new GetObjectCommand({ Bucket: this.#bucket.name, Key: `${uploadPrefix(id)}${name}` });
    const object = await undefinedIfMissing(this.#bucket.client.send(command));
    if (object === undefined) throw new OciError("BLOB_UPLOAD_UNKNOWN");
    return objectBody(object);
  }
}

interface ChunkHash {
  update(bytes: Uint8Array): void;
  /** Returns the fields to store in the session's record. */
  result(): Pick<S3Staged, "digest" | "hash">;
}

class SingleChunkHash implements ChunkHash {
  readonly #algorithm: Algorithm;
  readonly #hash;

  constructor(algorithm: Algorithm) {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  result() {
    return { digest: makeDigest(this.#algorithm, this.#hash.digest("hex")), hash: undefined };
  }
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, [, size]) => sum + size, 0);
}
