import { UPLOADS_PREFIX } from "./object-names.ts";

/** What a bucket deletes by itself. The stack and `dockless init` set the same rules. */
export interface BucketLifecycleRule {
  readonly id: string;
  /** Beginning of the names of the objects that it is about; empty for all. */
  readonly prefix: string;
  /** Days after which the parts of a multipart upload are freed that was never completed. */
  readonly abortUploadsAfterDays?: number;
  /** Days after which an object is deleted. */
  readonly expireAfterDays?: number;
}

/** Longer than an upload session lives: what is left then is of no use. */
const LEFTOVER_DAYS = 2;

/** Blobs never expire. */
export const BUCKET_LIFECYCLE_RULES: readonly BucketLifecycleRule[] = [
  { id: "abort-broken-uploads", prefix: "", abortUploadsAfterDays: LEFTOVER_DAYS },
  { id: "expire-staged-chunks", prefix: UPLOADS_PREFIX, expireAfterDays: LEFTOVER_DAYS },
];
