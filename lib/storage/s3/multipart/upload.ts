import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type UploadPartCommandInput,
  type UploadPartCommandOutput,
} from "@aws-sdk/client-s3";
import { InFlight } from "../../../concurrency/in-flight.ts";
import type { Body } from "../../../ports/body.ts";
import { StorageUnavailableError } from "../../../ports/storage-errors.ts";
import type { Bucket, UploadBucket } from "../bucket.ts";
import { REQUEST_TIMEOUT_MILLISECONDS } from "../client.ts";
import { isMissing, isPartMissing, toStorageError, translateS3Errors } from "../errors.ts";
import { statObject } from "../head.ts";
import { withUnsignedBody } from "../unsigned-payload.ts";
import type { BodyMemory } from "./body-memory.ts";
import type { PartBuffers } from "./part-buffers.ts";
import { PartReader, partSize, preferredPartSize } from "./parts.ts";

/** S3 verifies each part against a checksum that the SDK computes, and stores the checksum of the whole object. */
const PART_CHECKSUM = { ChecksumAlgorithm: "CRC32" } as const;
const WHOLE_CHECKSUM = { ChecksumType: "FULL_OBJECT" } as const;

/** Maximum number of bytes in flight to S3 for one body, in addition to the part being filled. */
const MAX_BYTES_IN_FLIGHT = 40 * 1024 * 1024;

/** Bytes of a body that are read before the upload waits for part memory. */
const HEAD_BYTES = 64 * 1024;

/** Minimum rate at which a part must reach S3; a slower attempt is repeated. */
const MIN_BYTES_PER_MILLISECOND = 400;

/** Time limit in milliseconds: completing an upload may take longer than any other call. */
const COMPLETION_OPTIONS = { requestTimeout: 60_000 } as const;

/** Observer of a body's bytes, which decides at the end whether they become an object. */
export interface BodyInspector {
  /** Receives the bytes in order. */
  observe(bytes: Uint8Array): void;
  /** Called after the last byte. @throws an error when the object must not be created */
  verify(): void;
}

/**
 * Stores a body of any length as one object, which appears atomically.
 * @returns its size in bytes
 * @throws StorageUnavailableError when other bodies occupy the part memory
 */
export async function upload(
  bucket: UploadBucket,
  key: string,
  body: Body,
  inspection: BodyInspector,
): Promise<number> {
  await using reader = new PartReader(body, (bytes) => inspection.observe(bytes));
  const { memory } = bucket;
  // Small bodies, and clients that have sent few bytes, neither use part memory nor wait for it.
  const head = await reader.next(memory.buffers.acquire(HEAD_BYTES));
  if (reader.hasEnded) await putWhole(bucket, key, head, inspection);
  else await memory.run((own) => uploadParts(bucket, key, { reader, inspection, memory: own }, head));
  return reader.size;
}

async function uploadParts(
  bucket: UploadBucket,
  key: string,
  received: ReceivedBody,
  head: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const first = await readPart(bucket, received, 1, head);
  if (received.reader.hasEnded) return await putWhole(bucket, key, first, received.inspection);
  const checksums = { ...PART_CHECKSUM, ...WHOLE_CHECKSUM };
  await withMultipartUpload(bucket, { key, checksums }, (id) => sendParts(bucket, key, id, received, first));
}

/** Reads a part into a buffer that already contains its first bytes. Frees the buffer when the body fails. */
async function readPart(
  { memory: { buffers } }: UploadBucket,
  { reader, memory }: ReceivedBody,
  number: number,
  head: Uint8Array<ArrayBuffer> = new Uint8Array(),
): Promise<Uint8Array<ArrayBuffer>> {
  const size = await memory.take(partSize(number), preferredPartSize(number));
  const buffer = buffers.acquire(size);
  buffer.set(head);
  try {
    return await reader.next(buffer, head.length);
  } catch (error) {
    buffers.release(buffer);
    memory.give(size);
    throw error;
  }
}

async function putWhole(
  bucket: UploadBucket,
  key: string,
  bytes: Uint8Array<ArrayBuffer>,
  inspection: BodyInspector,
): Promise<void> {
  inspection.verify();
  const input = { Bucket: bucket.name, Key: key, Body: bytes, ...PART_CHECKSUM };
  const sent = await translateS3Errors(bucket.client.send(withUnsignedBody(new PutObjectCommand(input))));
  returnBuffer(bucket.memory.buffers, bytes, sent);
}

interface MultipartTarget {
  readonly key: string;
  /** Omitted for copies: S3 selects the checksums itself. */
  readonly checksums?: typeof PART_CHECKSUM & typeof WHOLE_CHECKSUM;
}

/** Completes a multipart upload of the parts that `work` uploads, or aborts it. */
export async function withMultipartUpload(
  bucket: Bucket,
  { key, checksums }: MultipartTarget,
  work: (uploadId: string) => Promise<readonly CompletedPart[]>,
): Promise<void> {
  const target = { Bucket: bucket.name, Key: key };
  const create = new CreateMultipartUploadCommand({ ...target, ...checksums });
  const { UploadId = "" } = await translateS3Errors(bucket.client.send(create));
  try {
    const MultipartUpload = { Parts: [...(await work(UploadId))] };
    await complete(bucket, { ...target, UploadId, MultipartUpload, ChecksumType: checksums?.ChecksumType });
  } catch (error) {
    await abort(bucket, key, UploadId);
    throw error;
  }
}

/**
 * Completes an upload. An attempt whose response was lost may have succeeded, in which case the retry finds the object but no
 * upload; or it may still be in progress and create the object later.
 */
async function complete(bucket: Bucket, input: CompleteMultipartUploadCommandInput): Promise<void> {
  try {
    await bucket.client.send(new CompleteMultipartUploadCommand(input), COMPLETION_OPTIONS);
  } catch (error) {
    if (!(isMissing(error) || isPartMissing(error))) throw toStorageError(error);
    const isThere = (await statObject(bucket, input.Key ?? "")) !== undefined;
    if (!isThere) throw new StorageUnavailableError(error);
  }
}

/** Aborts an upload. If this fails too, the bucket's lifecycle rule frees the parts later. */
async function abort(bucket: Bucket, key: string, UploadId: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket.name, Key: key, UploadId });
  await bucket.client.send(command).catch(() => undefined);
}

interface ReceivedBody {
  readonly reader: PartReader;
  readonly inspection: BodyInspector;
  readonly memory: BodyMemory;
}

async function sendParts(
  bucket: UploadBucket,
  Key: string,
  UploadId: string,
  received: ReceivedBody,
  first: Uint8Array<ArrayBuffer>,
): Promise<readonly CompletedPart[]> {
  const { reader, inspection, memory } = received;
  const sending = new InFlight<CompletedPart>(MAX_BYTES_IN_FLIGHT);
  try {
    let part = first;
    for (let PartNumber = 1; ; PartNumber++) {
      const request = { Bucket: bucket.name, Key, UploadId, PartNumber };
      const bytes = part;
      // The buffer itself: the last part fills only its beginning, and a sent one is detached.
      const capacity = bytes.buffer.byteLength;
      const giveBack = () => memory.give(capacity);
      await sending.start(bytes.length, () => sendPart(bucket, request, bytes).finally(giveBack));
      if (reader.hasEnded) break;
      part = await readPart(bucket, received, PartNumber + 1);
    }
    inspection.verify();
    return await sending.finish();
  } catch (error) {
    await sending.settle();
    throw error;
  }
}

async function sendPart(
  bucket: UploadBucket,
  part: Omit<UploadPartCommandInput, "Body">,
  Body: Uint8Array<ArrayBuffer>,
): Promise<CompletedPart> {
  const command = withUnsignedBody(new UploadPartCommand({ ...part, Body, ...PART_CHECKSUM }));
  const requestTimeout = Math.max(REQUEST_TIMEOUT_MILLISECONDS, Body.length / MIN_BYTES_PER_MILLISECOND);
  const sent = await translateS3Errors(bucket.client.send(command, { requestTimeout }));
  returnBuffer(bucket.memory.buffers, Body, sent);
  return { PartNumber: part.PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 };
}

/** Returns a buffer to the pool. After a retry it is left to the garbage collector, since the failed attempt may still read it. */
function returnBuffer(
  buffers: PartBuffers,
  part: Uint8Array<ArrayBuffer>,
  { $metadata }: Pick<UploadPartCommandOutput, "$metadata">,
): void {
  if ($metadata.attempts === 1) buffers.release(part);
}
