import { UPLOADS_PREFIX } from "./object-names.ts";

/** A rule for the deletion of objects in a bucket. The stack and `dockless init` set the same rules. */
export interface BucketLifecycleRule {
  readonly id: string;
  /** Prefix of the names of the objects that the rule applies to; empty for all. */
  readonly prefix: string;
  /** Days after which the parts of an incomplete multipart upload are freed. */
  readonly abortUploadsAfterDays?: number;
  /** Days after which an object is deleted. */
  readonly expireAfterDays?: number;
}

/** Days after which staged bytes are abandoned: longer than the lifetime of an upload session. */
const ABANDONED_UPLOAD_DAYS = 2;

/** Rules of the bucket of a registry. No rule applies to blobs. */
export const BUCKET_LIFECYCLE_RULES: readonly BucketLifecycleRule[] = [
  { id: "abort-broken-uploads", prefix: "", abortUploadsAfterDays: ABANDONED_UPLOAD_DAYS },
  { id: "expire-staged-chunks", prefix: UPLOADS_PREFIX, expireAfterDays: ABANDONED_UPLOAD_DAYS },
];
