import { algorithmOf, type Digest, hexOf } from "../oci/digest.ts";

// Names of objects in a bucket, and of files in a data folder, for storage, IAM policies and lifecycle rules. Changing a
// name makes existing objects inaccessible.

/** Prefix of the names of blobs, and of manifests that are too large for a record. */
export const BLOBS_PREFIX = "blobs/";

/** Prefix of the names of staged bytes. */
export const UPLOADS_PREFIX = "uploads/";

/** Returns the name of a blob: `blobs/<algorithm>/<hex>`. */
export function blobName(digest: Digest): string {
  return `${BLOBS_PREFIX}${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** Returns the name of a session's staged bytes: `uploads/<id>`, a file on disk or a prefix of objects in a bucket. */
export function uploadName(id: string): string {
  return `${UPLOADS_PREFIX}${id}`;
}
