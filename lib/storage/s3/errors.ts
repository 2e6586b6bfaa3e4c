import { S3ServiceException } from "@aws-sdk/client-s3";
import { StorageBusyError, StorageUnavailableError } from "../../ports/storage-errors.ts";
import { isExpiredToken } from "../expired-token.ts";
import { isOutage } from "../outage.ts";

const MISSING_ERRORS: ReadonlySet<string> = new Set(["NoSuchKey", "NotFound", "NoSuchUpload"]);
const THROTTLING_ERRORS: ReadonlySet<string> = new Set([
  "SlowDown",
  "ThrottlingException",
  "RequestLimitExceeded",
  "TooManyRequests",
]);

/** Awaits a call. @returns undefined when the object does not exist */
export async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw translated(error);
  }
}

/** Returns whether an error reports a missing object or multipart upload. */
export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && MISSING_ERRORS.has(error.name);
}

/** Returns whether an error reports a missing part, which some stores send for parts consumed by another completion. */
export function isPartMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === "InvalidPart";
}

/** Awaits a call. @throws StorageBusyError, StorageUnavailableError in place of the SDK's error after its last attempt */
export async function onS3<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw translated(error);
  }
}

/** Converts an error of the SDK to that of the port; returns other errors unchanged. */
export function translated(error: unknown): unknown {
  if (error instanceof Error && THROTTLING_ERRORS.has(error.name)) return new StorageBusyError(error);
  return isOutage(error) || isExpiredToken(error) ? new StorageUnavailableError(error) : error;
}
