import type { S3Client } from "@aws-sdk/client-s3";
import { uploadName } from "../../ports/object-names.ts";
import type { PartMemory } from "./multipart/part-memory.ts";

/** S3 bucket and the client that accesses it. */
export interface Bucket {
  readonly client: S3Client;
  readonly name: string;
}

/** Bucket that bodies are uploaded to. */
export interface UploadBucket extends Bucket {
  readonly memory: PartMemory;
  /**
   * Returns whether a body may be sent in one request, because the server verifies its SHA-256 checksum.
   * @default - bodies are sent in parts
   */
  acceptsSinglePut?(): Promise<boolean>;
}

/** Returns the key prefix for a session's staged objects. */
export function uploadPrefix(id: string): string {
  return `${uploadName(id)}/`;
}
