import type { S3Client } from "@aws-sdk/client-s3";
import { uploadName } from "../../ports/object-names.ts";

/** Where objects are kept. */
export interface Bucket {
  readonly client: S3Client;
  readonly name: string;
}

/** What a session has staged lies below this. */
export function uploadPrefix(id: string): string {
  return `${uploadName(id)}/`;
}
