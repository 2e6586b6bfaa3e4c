import type { S3Client } from "@aws-sdk/client-s3";
import { uploadName } from "../../ports/object-names.ts";
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

/** What a session has staged lies below this. */
export function uploadPrefix(id: string): string {
  return `${uploadName(id)}/`;
}
