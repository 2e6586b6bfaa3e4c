import { PresignedS3Blobs } from "../lib/storage/s3/blobs.ts";
import { createS3Client } from "../lib/storage/s3/client.ts";
import { PartMemory } from "../lib/storage/s3/multipart/part-memory.ts";
import { S3Uploads } from "../lib/storage/s3/uploads.ts";
import { roleCredentials } from "./role-credentials.ts";

/** Dependencies and settings of the blob and upload stores in a bucket. */
export interface OpenS3Options {
  /** Lifetime of presigned URLs, in seconds. */
  readonly lifetime: number;
  now(): Date;
  /** Called when AWS reports that the credentials of this process have expired. */
  onExpiredCredentials(): void;
}

/** Opens the blob and upload stores in a bucket. */
export function openS3(name: string, { lifetime, now, onExpiredCredentials }: OpenS3Options) {
  const client = createS3Client({ credentials: roleCredentials(), onExpiredCredentials });
  const bucket = { client, name, memory: new PartMemory() };
  return { blobs: new PresignedS3Blobs(bucket, { lifetime, now }), uploads: new S3Uploads(bucket) };
}
