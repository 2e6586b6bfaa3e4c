import { PresignedS3Blobs } from "../lib/storage/s3/blobs.ts";
import { createS3Client } from "../lib/storage/s3/client.ts";
import { PartMemory } from "../lib/storage/s3/multipart/part-memory.ts";
import { S3Uploads } from "../lib/storage/s3/uploads.ts";

/** Opens the stores of a bucket. @param lifetime seconds for which the URLs of redirects are valid */
export function openS3(name: string, lifetime: number, now: () => Date) {
  const bucket = { client: createS3Client(), name, memory: new PartMemory() };
  return { blobs: new PresignedS3Blobs(bucket, { lifetime, now }), uploads: new S3Uploads(bucket) };
}
