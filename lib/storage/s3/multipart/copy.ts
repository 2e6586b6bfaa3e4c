import { type CompletedPart, CopyObjectCommand, UploadPartCopyCommand } from "@aws-sdk/client-s3";
import { InFlight } from "../../../concurrency/in-flight.ts";
import { OciError } from "../../../oci/errors.ts";
import type { Bucket } from "../bucket.ts";
import { isMissing, translateS3Errors } from "../errors.ts";
import { statObject } from "../head.ts";
import { withMultipartUpload } from "./upload.ts";

/** Size in bytes that one call copies in well under a second; larger objects are copied in parallel parts. */
const SINGLE_COPY_BYTES = 64 * 1024 * 1024;
const PARALLEL_COPIES = 16;
const MAX_PARTS = 10_000;

/** A source object of the copy. */
export interface StagedObject {
  readonly key: string;
  /** Size in bytes; at least `MIN_PART_SIZE`, except for the last source. */
  readonly size: number;
}

/**
 * Concatenates objects within S3. The target key is content-addressed or used only once: so when a source is missing but the
 * target exists, an earlier attempt created the target and its response was lost.
 * @throws OciError `BLOB_UPLOAD_UNKNOWN` when a source is missing
 */
export async function concatenateObjects(
  bucket: Bucket,
  sources: readonly StagedObject[],
  key: string,
): Promise<void> {
  try {
    const [only] = sources;
    if (sources.length === 1 && only !== undefined && only.size <= SINGLE_COPY_BYTES) {
      await copyWhole(bucket, only.key, key);
    } else {
      await withMultipartUpload(bucket, { key }, (id) => copyParts(bucket, sources, key, id));
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
    if ((await statObject(bucket, key)) === undefined)
      throw new OciError("BLOB_UPLOAD_UNKNOWN", { cause: error });
  }
}

async function copyWhole(bucket: Bucket, from: string, to: string): Promise<void> {
  const command = new CopyObjectCommand({
    Bucket: bucket.name,
    Key: to,
    CopySource: `${bucket.name}/${from}`,
  });
  await translateS3Errors(bucket.client.send(command));
}

async function copyParts(
  bucket: Bucket,
  sources: readonly StagedObject[],
  key: string,
  UploadId: string,
): Promise<readonly CompletedPart[]> {
  const copying = new InFlight<CompletedPart>(PARALLEL_COPIES);
  try {
    let PartNumber = 0;
    for (const { source, first, last } of ranges(sources)) {
      PartNumber++;
      const command = new UploadPartCopyCommand({
        Bucket: bucket.name,
        Key: key,
        UploadId,
        PartNumber,
        CopySource: `${bucket.name}/${source}`,
        CopySourceRange: `bytes=${first}-${last}`,
      });
      const number = PartNumber;
      await copying.start(1, () => copyPart(bucket, command, number));
    }
    return await copying.finish();
  } catch (error) {
    await copying.settle();
    throw error;
  }
}

async function copyPart(
  bucket: Bucket,
  command: UploadPartCopyCommand,
  PartNumber: number,
): Promise<CompletedPart> {
  const { CopyPartResult } = await translateS3Errors(bucket.client.send(command));
  return { PartNumber, ETag: CopyPartResult?.ETag };
}

/** Yields byte ranges of about equal size, each at least the minimum part size. */
function* ranges(sources: readonly StagedObject[]) {
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  const target = Math.max(SINGLE_COPY_BYTES, Math.ceil(total / (MAX_PARTS / 2)));
  for (const { key, size } of sources) {
    const pieces = Math.max(1, Math.floor(size / target));
    const length = Math.ceil(size / pieces);
    for (let first = 0; first < size; first += length) {
      yield { source: key, first, last: Math.min(first + length, size) - 1 };
    }
  }
}
