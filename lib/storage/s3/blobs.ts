import { createHash } from "node:crypto";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { algorithmOf, type Digest, makeDigest } from "../../oci/digest.ts";
import type { ByteRange } from "../../oci/range.ts";
import type { BlobStat, BlobStore } from "../../ports/blob-store.ts";
import type { Body } from "../../ports/body.ts";
import { blobName } from "../../ports/object-names.ts";
import { digestMismatch } from "../digest-mismatch.ts";
import { objectBody } from "./body.ts";
import type { UploadBucket } from "./bucket.ts";
import { undefinedIfMissing } from "./errors.ts";
import { statObject } from "./head.ts";
import { type BodyInspector, upload } from "./multipart/upload.ts";
import { fitsSinglePut, putSingle } from "./single-put.ts";

/** Blobs stored as objects named by their digest. */
export class S3Blobs implements BlobStore {
  readonly #bucket: UploadBucket;

  constructor(bucket: UploadBucket) {
    this.#bucket = bucket;
  }

  async stat(digest: Digest): Promise<BlobStat | undefined> {
    return await statObject(this.#bucket, blobName(digest));
  }

  async get(digest: Digest, range?: ByteRange): Promise<Body | undefined> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket.name,
      Key: blobName(digest),
      ...(range === undefined ? {} : { Range: `bytes=${range.first}-${range.last}` }),
    });
    const object = await undefinedIfMissing(this.#bucket.client.send(command));
    return object === undefined ? undefined : objectBody(object);
  }

  async put(digest: Digest, body: Body, length?: number): Promise<BlobStat> {
    const key = blobName(digest);
    if (length !== undefined && fitsSinglePut(digest, length) && (await this.#bucket.acceptsSinglePut?.())) {
      await putSingle(this.#bucket, key, { digest, body, length });
      return { size: length };
    }
    return { size: await upload(this.#bucket, key, body, verifyDigest(digest)) };
  }
}

/** Returns an inspector that rejects the object unless its bytes have the digest. */
function verifyDigest(digest: Digest): BodyInspector {
  const algorithm = algorithmOf(digest);
  const hash = createHash(algorithm);
  return {
    observe: (bytes) => hash.update(bytes),
    verify: () => {
      const computed = makeDigest(algorithm, hash.digest("hex"));
      if (computed !== digest) throw digestMismatch(digest, computed);
    },
  };
}

/** Lifetime and clock of presigned URLs. */
export interface PresignOptions {
  /** Lifetime of a URL in seconds. */
  readonly lifetime: number;
  readonly now: () => Date;
}

/** Blobs that clients can also download from a presigned URL, so that the bytes bypass this process. */
export class PresignedS3Blobs extends S3Blobs {
  readonly #bucket: UploadBucket;
  readonly #options: PresignOptions;

  constructor(bucket: UploadBucket, options: PresignOptions) {
    super(bucket);
    this.#bucket = bucket;
    this.#options = options;
  }

  /** Returns a presigned URL, computed without a call to S3. It expires no later than the credentials that signed it. */
  async locate(digest: Digest): Promise<string> {
    const { client, name } = this.#bucket;
    const { lifetime, now } = this.#options;
    const { expiration } = await client.config.credentials();
    const left = expiration === undefined ? lifetime : (expiration.getTime() - now().getTime()) / 1000;
    const command = new GetObjectCommand({
      Bucket: name,
      Key: blobName(digest),
      ResponseContentType: "application/octet-stream",
    });
    return await getSignedUrl(client, command, {
      expiresIn: Math.max(1, Math.floor(Math.min(lifetime, left))),
    });
  }
}
