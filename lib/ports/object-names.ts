import { algorithmOf, type Digest, hexOf } from "../oci/digest.ts";

// The names of objects in a bucket, and of files in a data folder. Storage, IAM policies and lifecycle rules take them from
// here. To change one is to lose what is stored under it.

/** Beginning of the names of blobs, and of manifests too large for a record. */
export const BLOBS_PREFIX = "blobs/";

/** Beginning of the names of what upload sessions have staged. */
export const UPLOADS_PREFIX = "uploads/";

/** `blobs/<algorithm>/<hex>` */
export function blobName(digest: Digest): string {
  return `${BLOBS_PREFIX}${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** `uploads/<session>`: a file on disk, a folder of pieces in a bucket. */
export function uploadName(id: string): string {
  return `${UPLOADS_PREFIX}${id}`;
}
