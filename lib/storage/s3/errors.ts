import { S3ServiceException } from "@aws-sdk/client-s3";
import { StorageBusyError, StorageUnavailableError } from "../../ports/storage-errors.ts";
import { isExpiredToken } from "../expired-token.ts";
import { isOutage } from "../outage.ts";

const MISSING: ReadonlySet<string> = new Set(["NoSuchKey", "NotFound", "NoSuchUpload"]);
const THROTTLED: ReadonlySet<string> = new Set([
  "SlowDown",
  "ThrottlingException",
  "RequestLimitExceeded",
  "TooManyRequests",
]);

/** @returns undefined when the object does not exist */
export async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw translated(error);
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && MISSING.has(error.name);
}

/** Some stores say this of parts that another completion has taken. */
export function isPartMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === "InvalidPart";
}

/** @throws StorageBusyError, StorageUnavailableError in place of what the SDK gave up on after its own tries */
export async function onS3<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw translated(error);
  }
}

/** The error of a port that says the same as an error of the SDK. */
export function translated(error: unknown): unknown {
  if (error instanceof Error && THROTTLED.has(error.name)) return new StorageBusyError(error);
  return isOutage(error) || isExpiredToken(error) ? new StorageUnavailableError(error) : error;
}
