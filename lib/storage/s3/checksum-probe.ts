import { randomUUID } from "node:crypto";
import { DeleteObjectsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { lazy } from "../../concurrency/lazy.ts";
import { UPLOADS_PREFIX } from "../../ports/object-names.ts";
import type { Bucket } from "./bucket.ts";
import { isChecksumError, translateS3Errors } from "./errors.ts";
import { withUnsignedBody } from "./unsigned-payload.ts";

/** SHA-256 of no bytes, in base64. */
const EMPTY_SHA256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/**
 * Returns a function that determines, once, whether an S3-compatible server verifies SHA-256 checksums: it sends one byte
 * with a wrong checksum, unsigned like the bodies of blobs. A server that ignores checksums would store wrong bytes under a
 * digest.
 */
export function createChecksumProbe(bucket: Bucket): () => Promise<boolean> {
  return lazy(() => rejectsWrongChecksum(bucket));
}

async function rejectsWrongChecksum(bucket: Bucket): Promise<boolean> {
  const object = { Bucket: bucket.name, Key: `${UPLOADS_PREFIX}${randomUUID()}` };
  const input = { ...object, Body: Buffer.from("x"), ChecksumSHA256: EMPTY_SHA256 };
  try {
    await bucket.client.send(withUnsignedBody(new PutObjectCommand(input)));
  } catch (error) {
    if (isChecksumError(error)) return true;
    return await translateS3Errors(Promise.reject(error));
  }
  const Delete = { Objects: [{ Key: object.Key }], Quiet: true };
  await translateS3Errors(bucket.client.send(new DeleteObjectsCommand({ Bucket: bucket.name, Delete })));
  return false;
}
