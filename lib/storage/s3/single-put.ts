import { Readable } from "node:stream";
import { PutObjectCommand, type PutObjectCommandInput } from "@aws-sdk/client-s3";
import { type Digest, hexOf } from "../../oci/digest.ts";
import type { Body } from "../../ports/body.ts";
import { digestMismatch } from "../digest-mismatch.ts";
import type { Bucket } from "./bucket.ts";
import { isChecksumError, toStorageError } from "./errors.ts";
import { BODY_SIGNING_STEP, skipBodySigning } from "./unsigned-payload.ts";
import { WatchedBody } from "./watched-body.ts";

/**
 * Sizes in bytes for which one streamed request is used: below, one part holds the body; above, S3 rejects the request:
 * docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
 */
const MIN_BYTES = 8 * 1024 * 1024;
const MAX_BYTES = 5_000_000_000;

/** Attempts while S3 rejects the head of the request, before any byte of the body was read. */
const MAX_ATTEMPTS = 3;

/** Body whose size in bytes and digest are known before its bytes. */
export interface KnownBody {
  readonly digest: Digest;
  readonly body: Body;
  readonly length: number;
}

/** Returns whether a body can be stored by one streamed request: S3 verifies SHA-256 only, and limits the size. */
export function fitsSinglePut(digest: Digest, length: number): boolean {
  return digest.startsWith("sha256:") && length >= MIN_BYTES && length <= MAX_BYTES;
}

/**
 * Streams a body to S3 as one object. S3 compares the bytes with the digest, and stores nothing unless they match, so this
 * process neither hashes nor buffers them.
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
  // The SDK pipes the stream, which does not pass on its errors.
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

/** Sends the request, and repeats it after an outage for as long as no byte of the body has been read. */
async function sendUntilRead(
  bucket: Bucket,
  input: PutObjectCommandInput,
  watched: WatchedBody,
  abortSignal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const command = new PutObjectCommand(input);
    command.middlewareStack.add(skipBodySigning, BODY_SIGNING_STEP);
    try {
      // The time of the whole request depends on the client; `watched` limits the time without progress.
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
