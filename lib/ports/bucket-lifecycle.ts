import { UPLOADS_PREFIX } from "./object-names.ts";

/** A lifecycle rule that deletes objects in a bucket. The stack and `dockless init` set the same rules. */
export interface BucketLifecycleRule {
  readonly id: string;
  /** Key prefix of the objects that the rule applies to; empty for all objects. */
  readonly prefix: string;
  /** Days after which the parts of an incomplete multipart upload are freed. */
  readonly abortUploadsAfterDays?: number;
  /** Days after which an object is deleted. */
  readonly expireAfterDays?: number;
}

/** Days after which staged bytes are abandoned: longer than the lifetime of an upload session. */
const ABANDONED_UPLOAD_DAYS = 2;

/** Lifecycle rules for the registry's bucket. No rule deletes blobs. */
export const BUCKET_LIFECYCLE_RULES: readonly BucketLifecycleRule[] = [
  { id: "abort-broken-uploads", prefix: "", abortUploadsAfterDays: ABANDONED_UPLOAD_DAYS },
  { id: "expire-staged-chunks", prefix: UPLOADS_PREFIX, expireAfterDays: ABANDONED_UPLOAD_DAYS },
];
