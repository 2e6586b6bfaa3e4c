import type { S3Client } from "@aws-sdk/client-s3";
import { algorithmOf, type Digest, hexOf } from "../../oci/digest.ts";
import type { PartMemory } from "./multipart/part-memory.ts";

/** Where objects are kept. */
export interface Bucket {
  readonly client: S3Client;
  readonly name: string;
}

/** A bucket that bodies are uploaded to. */
export interface UploadBucket extends Bucket {
  readonly memory: PartMemory;
}

export function blobObject(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** What a session has staged lies below this. */
export function uploadPrefix(id: string): string {
  return `uploads/${id}/`;
}
