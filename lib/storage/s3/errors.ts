import { S3ServiceException } from "@aws-sdk/client-s3";
import { StorageBusyError, StorageUnavailableError } from "../../ports/storage-errors.ts";
import { isExpiredTokenError } from "../expired-token.ts";
import { isOutage } from "../outage.ts";

const MISSING_ERRORS: ReadonlySet<string> = new Set(["NoSuchKey", "NotFound", "NoSuchUpload"]);
const THROTTLING_ERRORS: ReadonlySet<string> = new Set([
  "SlowDown",
  "ThrottlingException",
  "RequestLimitExceeded",
  "TooManyRequests",
]);

/** Awaits a call. @returns undefined when the object does not exist */
export async function undefinedIfMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw toStorageError(error);
  }
}

/** Returns whether an error reports a missing object or multipart upload. */
export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && MISSING_ERRORS.has(error.name);
}

/** Returns whether an error reports a missing part, as some stores do for parts that another completion has consumed. */
export function isPartMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === "InvalidPart";
}

/** S3 error names for a checksum mismatch: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const CHECKSUM_ERRORS: ReadonlySet<string> = new Set(["BadDigest", "XAmzContentChecksumMismatch"]);

/** Returns whether an error reports that the received bytes do not match the request's checksum. */
export function isChecksumError(error: unknown): boolean {
  return error instanceof S3ServiceException && CHECKSUM_ERRORS.has(error.name);
}

/** Awaits a call. @throws StorageBusyError or StorageUnavailableError instead of the SDK's error after its last attempt */
export async function translateS3Errors<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw toStorageError(error);
  }
}

/** Converts an SDK error to the port's error; returns other errors unchanged. */
export function toStorageError(error: unknown): unknown {
  if (error instanceof Error && THROTTLING_ERRORS.has(error.name)) return new StorageBusyError(error);
  return isOutage(error) || isExpiredTokenError(error) ? new StorageUnavailableError(error) : error;
}
