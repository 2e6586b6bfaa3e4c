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
import { isMissing, isPartMissing, onS3, translated } from "../errors.ts";
import { statObject } from "../head.ts";
import { BEFORE_SIGNING, leavingBodyUnsigned } from "../unsigned.ts";
import type { PartBuffers } from "./part-buffers.ts";
import { PartReader, partSize } from "./parts.ts";

/** S3 verifies each part against a checksum that the SDK computes, and stores the checksum of the whole object. */
const PART_CHECKSUM = { ChecksumAlgorithm: "CRC32" } as const;
const WHOLE_CHECKSUM = { ChecksumType: "FULL_OBJECT" } as const;

/** Maximum number of bytes being sent to S3 for one body, besides the part being filled. */
const MAX_BYTES_IN_FLIGHT = 24 * 1024 * 1024;

/** Time limit in milliseconds: completing an upload may take longer than any other call. */
const COMPLETION_OPTIONS = { requestTimeout: 60_000 } as const;

/** Observer of a body's bytes, which decides at the end whether they become an object. */
export interface Inspection {
  /** Receives the bytes in order. */
  observe(bytes: Uint8Array): void;
  /** Called after the last byte. @throws an error when the object must not be created */
  approve(): void;
}

/**
 * Stores a body of any length as one object, which appears atomically.
 * @returns its size in bytes
 */
export async function upload(
  bucket: UploadBucket,
  key: string,
  body: Body,
  inspection: Inspection,
): Promise<number> {
  return await bucket.memory.buffers.using(() => uploadParts(bucket, key, body, inspection));
}

async function uploadParts(
  bucket: UploadBucket,
  key: string,
  body: Body,
  inspection: Inspection,
): Promise<number> {
  const { buffers } = bucket.memory;
  await using reader = new PartReader(body, (bytes) => inspection.observe(bytes));
  const first = await reader.next(buffers.take(partSize(1)));
  if (!reader.ended) {
    const checksums = { ...PART_CHECKSUM, ...WHOLE_CHECKSUM };
    await withMultipartUpload(bucket, { key, checksums }, (id) => {
      return sendParts(bucket, key, id, { reader, first, inspection });
    });
    return reader.size;
  }
  inspection.approve();
  const command = new PutObjectCommand({ Bucket: bucket.name, Key: key, Body: first, ...PART_CHECKSUM });
  command.middlewareStack.add(leavingBodyUnsigned, BEFORE_SIGNING);
  returnBuffer(buffers, first, await onS3(bucket.client.send(command)));
  return reader.size;
}

interface MultipartTarget {
  readonly key: string;
  /** Omitted for copies, for which S3 selects the checksums. */
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
  const { UploadId = "" } = await onS3(bucket.client.send(create));
  try {
    const MultipartUpload = { Parts: [...(await work(UploadId))] };
    await complete(bucket, { ...target, UploadId, MultipartUpload, ChecksumType: checksums?.ChecksumType });
  } catch (error) {
    await abort(bucket, key, UploadId);
    throw error;
  }
}

/**
 * Completes an upload. An attempt whose response was lost may have succeeded, so that the next one finds the object instead
 * of the upload; or it is still in progress and creates the object later.
 */
async function complete(bucket: Bucket, input: CompleteMultipartUploadCommandInput): Promise<void> {
  try {
    await bucket.client.send(new CompleteMultipartUploadCommand(input), COMPLETION_OPTIONS);
  } catch (error) {
    if (!(isMissing(error) || isPartMissing(error))) throw translated(error);
    const isThere = (await statObject(bucket, input.Key ?? "")) !== undefined;
    if (!isThere) throw new StorageUnavailableError(error);
  }
}

/** Aborts an upload. When this fails too, the bucket's lifecycle rule frees the parts later. */
async function abort(bucket: Bucket, key: string, UploadId: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket.name, Key: key, UploadId });
  await bucket.client.send(command).catch(() => undefined);
}

interface ReceivedBody {
  readonly reader: PartReader;
  readonly first: Uint8Array<ArrayBuffer>;
  readonly inspection: Inspection;
}

async function sendParts(
  bucket: UploadBucket,
  Key: string,
  UploadId: string,
  { reader, first, inspection }: ReceivedBody,
): Promise<readonly CompletedPart[]> {
  const { buffers, inFlight } = bucket.memory;
  const sending = new InFlight<CompletedPart>(MAX_BYTES_IN_FLIGHT, inFlight);
  try {
    let part = first;
    for (let PartNumber = 1; ; PartNumber++) {
      const request = { Bucket: bucket.name, Key, UploadId, PartNumber };
      const bytes = part;
      await sending.start(bytes.length, () => sendPart(bucket, request, bytes));
      if (reader.ended) break;
      part = await reader.next(buffers.take(partSize(PartNumber + 1)));
    }
    inspection.approve();
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
  const command = new UploadPartCommand({ ...part, Body, ...PART_CHECKSUM });
  command.middlewareStack.add(leavingBodyUnsigned, BEFORE_SIGNING);
  const sent = await onS3(bucket.client.send(command));
  returnBuffer(bucket.memory.buffers, Body, sent);
  return { PartNumber: part.PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 };
}

/** Returns a buffer to the pool, except after a retry: the failed attempt may still read it, so it is left to the garbage collector. */
function returnBuffer(
  buffers: PartBuffers,
  part: Uint8Array<ArrayBuffer>,
  { $metadata }: Pick<UploadPartCommandOutput, "$metadata">,
): void {
  if ($metadata.attempts === 1) buffers.giveBack(part);
}
