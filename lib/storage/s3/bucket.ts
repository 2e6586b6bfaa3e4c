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
  /** Returns whether S3 compares a body with its SHA-256 checksum and may receive it in one request. @default - it may not */
  acceptsSinglePut?(): Promise<boolean>;
}

/** Returns the key prefix of a session's staged objects. */
export function uploadPrefix(id: string): string {
  return `${uploadName(id)}/`;
}
