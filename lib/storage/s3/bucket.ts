import type { S3Client } from "@aws-sdk/client-s3";
import { algorithmOf, type Digest, hexOf } from "../../oci/digest.ts";

/** Where objects are kept. */
export interface Bucket {
  readonly client: S3Client;
  readonly name: string;
}

export function blobObject(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** What a session has staged lies below this. */
export function uploadPrefix(id: string): string {
  return `uploads/${id}/`;
}
