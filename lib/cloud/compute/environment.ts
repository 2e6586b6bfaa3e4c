import { type Duration, Stack } from "aws-cdk-lib";
import { VARIABLES } from "../../ports/environment.ts";
import type { Storage } from "../storage.ts";

/** Inputs of `environment`. */
export interface EnvironmentProps {
  readonly storage: Storage;
  readonly urlLifetime: Duration;
  /** Whether S3 is addressed, and URLs are presigned, by its dual-stack endpoint. */
  readonly dualStack: boolean;
  /** Whether large blobs are sent to S3 as parallel parts instead of one stream. */
  readonly s3Multipart: boolean;
}

/** Returns the environment variables that name the table. */
export function recordsEnvironment(storage: Storage): Record<string, string> {
  const { region, urlSuffix } = Stack.of(storage);
  return {
    [VARIABLES.table]: storage.table.tableName,
    AWS_ENDPOINT_URL_DYNAMODB: `https://dynamodb.${region}.${urlSuffix}`,
  };
}

/** Maximum lifetime of a URL: role sessions last at least an hour, and no URL outlives the session that signed it. */
const MAX_URL_LIFETIME_SECONDS = 3600;

/**
 * Returns the environment variables that configure storage, for the functions and for `dockless serve`.
 * @throws RangeError when `urlLifetime` is out of range
 */
export function storageEnvironment({
  storage,
  urlLifetime,
  dualStack,
  s3Multipart,
}: EnvironmentProps): Record<string, string> {
  const seconds = urlLifetime.toSeconds();
  if (seconds < 1 || seconds > MAX_URL_LIFETIME_SECONDS) {
    throw new RangeError(
      `urlLifetime must be between 1 second and 1 hour, not ${urlLifetime.toHumanString()}`,
    );
  }
  return {
    [VARIABLES.bucket]: storage.bucket.bucketName,
    ...recordsEnvironment(storage),
    [VARIABLES.urlLifetime]: String(seconds),
    [VARIABLES.s3Multipart]: String(s3Multipart),
    [VARIABLES.log]: "requests",
    // Read by the SDK: https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
    AWS_USE_DUALSTACK_ENDPOINT: String(dualStack),
  };
}
