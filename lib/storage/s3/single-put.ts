import { Readable } from "node:stream";
import { PutObjectCommand, type PutObjectCommandInput } from "@aws-sdk/client-s3";
import { type Digest, hexOf } from "../../oci/digest.ts";
import type { Body } from "../../ports/body.ts";
import { digestMismatch } from "../digest-mismatch.ts";
import type { Bucket } from "./bucket.ts";
import { isChecksumError, toStorageError } from "./errors.ts";
import { withUnsignedBody } from "./unsigned-payload.ts";
import { WatchedBody } from "./watched-body.ts";

/**
 * Range of body sizes for a single streamed request: a smaller body fits into one part, and S3 rejects a larger one:
 * docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
 */
const MIN_BYTES = 8 * 1024 * 1024;
const MAX_BYTES = 5_000_000_000;

/** Maximum number of attempts if S3 fails before any byte of the body has been read. */
const MAX_ATTEMPTS = 3;

/** Body whose size in bytes and digest are known in advance. */
export interface KnownBody {
  readonly digest: Digest;
  readonly body: Body;
  readonly length: number;
}

/** Returns whether a body can be stored with a single streamed request: S3 verifies SHA-256 only, and limits the size. */
export function fitsSinglePut(digest: Digest, length: number): boolean {
  return digest.startsWith("sha256:") && length >= MIN_BYTES && length <= MAX_BYTES;
}

/**
 * Streams a body to S3 as one object. S3 verifies the digest and stores nothing on a mismatch, so this process neither hashes
 * nor buffers the bytes.
 * @throws OciError `DIGEST_INVALID`, `SIZE_INVALID`; the body's own error; StorageBusyError, StorageUnavailableError
 */
export async function putSingle(
  bucket: Bucket,
  key: string,
  { digest, body, length }: KnownBody,
): Promise<void> {
  const abort = new AbortController();
  const watched = new WatchedBody(body, length, () => abort.abort());
  const stream = Readable.from(watched.chunks(), { objectMode: false, highWaterMark: 1 });
  // The SDK pipes the stream, and pipes do not forward errors.
  stream.once("error", () => abort.abort());
  const input: PutObjectCommandInput = {
    ...{ Bucket: bucket.name, Key: key, Body: stream, ContentLength: length },
    ChecksumSHA256: Buffer.from(hexOf(digest), "hex").toString("base64"),
  };
  try {
    await sendUntilRead(bucket, input, watched, abort.signal);
  } catch (error) {
    throw watched.failure ?? (isChecksumError(error) ? digestMismatch(digest) : toStorageError(error));
  } finally {
    watched.stop();
    stream.destroy();
  }
}

/** Sends the request, and retries after an outage as long as no byte of the body has been read. */
async function sendUntilRead(
  bucket: Bucket,
  input: PutObjectCommandInput,
  watched: WatchedBody,
  abortSignal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const command = withUnsignedBody(new PutObjectCommand(input));
    try {
      // The duration of the request depends on the client; `watched` limits the time without progress.
      await bucket.client.send(command, { abortSignal, requestTimeout: 0 });
      return;
    } catch (error) {
      const mayRetry = !watched.hasStarted && attempt < MAX_ATTEMPTS && isTransient(error);
      if (!mayRetry) throw error;
    }
  }
}

function isTransient(error: unknown): boolean {
  return toStorageError(error) !== error;
}
