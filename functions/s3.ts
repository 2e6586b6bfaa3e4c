import { PresignedS3Blobs } from "../lib/storage/s3/blobs.ts";
import { createS3Client } from "../lib/storage/s3/client.ts";
import { PartMemory } from "../lib/storage/s3/multipart/part-memory.ts";
import { S3Uploads } from "../lib/storage/s3/uploads.ts";
import { roleCredentials } from "./role-credentials.ts";

/** Dependencies and settings of blob and upload stores that share a bucket. */
export interface OpenS3Options {
  /** Lifetime of presigned URLs, in seconds. */
  readonly lifetime: number;
  /** Whether large blobs are sent to S3 as parallel parts instead of one stream. */
  readonly multipart: boolean;
  now(): Date;
  /** Called when AWS reports that the credentials of this process have expired. */
  onExpiredCredentials(): void;
}

/** Opens a bucket as the blob and upload stores. */
export function openS3(name: string, { lifetime, multipart, now, onExpiredCredentials }: OpenS3Options) {
  const client = createS3Client({ credentials: roleCredentials(), onExpiredCredentials });
  // S3 itself verifies checksums; the probe is for compatible servers.
  const bucket = { client, name, memory: new PartMemory(), acceptsSinglePut: async () => !multipart };
  return { blobs: new PresignedS3Blobs(bucket, { lifetime, now }), uploads: new S3Uploads(bucket) };
}
