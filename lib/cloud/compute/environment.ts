import { type Duration, Stack } from "aws-cdk-lib";
import type { Storage } from "../storage.ts";

export interface EnvironmentProps {
  readonly storage: Storage;
  readonly urlLifetime: Duration;
  /** Whether S3 is addressed, and URLs are presigned, by its dual-stack endpoint. */
  readonly dualStack: boolean;
}

/** The variables by which a function finds the records. */
export function recordsEnvironment(storage: Storage): Record<string, string> {
  const { region, urlSuffix } = Stack.of(storage);
  return {
    DOCKLESS_TABLE: storage.table.tableName,
    AWS_ENDPOINT_URL_DYNAMODB: `https://dynamodb.${region}.${urlSuffix}`,
  };
}

/** The sessions of roles last for an hour at least, and no URL outlives the session that signed it. */
const MAX_URL_LIFETIME_SECONDS = 3600;

/**
 * The variables by which the functions, and `dockless serve`, learn where their stores are.
 * @throws RangeError when URLs cannot be good for so long
 */
export function environment({ storage, urlLifetime, dualStack }: EnvironmentProps): Record<string, string> {
  const seconds = urlLifetime.toSeconds();
  if (seconds < 1 || seconds > MAX_URL_LIFETIME_SECONDS) {
    throw new RangeError(`urlLifetime must be from a second to an hour, not ${urlLifetime.toHumanString()}`);
  }
  return {
    DOCKLESS_BUCKET: storage.bucket.bucketName,
    ...recordsEnvironment(storage),
    DOCKLESS_URL_LIFETIME: String(seconds),
    DOCKLESS_LOG: "requests",
    // Read by the SDK: https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
    AWS_USE_DUALSTACK_ENDPOINT: String(dualStack),
  };
}
