import { type Duration, Stack } from "aws-cdk-lib";
import { excerptOf } from "../../auth/configuration.ts";
import { isWebOrigin } from "../../auth/web-origin.ts";
import { isDescriptorLimit, MAX_DESCRIPTOR_LIMIT } from "../../oci/descriptor-limit.ts";
import { VARIABLES } from "../../ports/environment.ts";
import type { Storage } from "../storage.ts";

/** Options for `environment`. */
export interface EnvironmentProps {
  readonly storage: Storage;
  readonly urlLifetime: Duration;
  /** Whether S3's dual-stack endpoint is used for requests and presigned URLs. */
  readonly dualStack: boolean;
  /** Web origins that may call the registry. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Maximum number of descriptors in a pushed manifest. */
  readonly maxDescriptors: number;
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
 * @throws RangeError when `urlLifetime` or `maxDescriptors` is out of range, or one of `corsOrigins` is not an origin
 */
export function storageEnvironment({
  storage,
  urlLifetime,
  dualStack,
  corsOrigins = [],
  maxDescriptors,
  s3Multipart,
}: EnvironmentProps): Record<string, string> {
  const seconds = urlLifetime.toSeconds();
  if (seconds < 1 || seconds > MAX_URL_LIFETIME_SECONDS) {
    throw new RangeError(
      `urlLifetime must be between 1 second and 1 hour, not ${urlLifetime.toHumanString()}`,
    );
  }
  const unusable = corsOrigins.find((origin) => !isWebOrigin(origin));
  if (unusable !== undefined)
    throw new RangeError(
      `corsOrigins: ${excerptOf(unusable)} is not an origin such as https://ui.example.com`,
    );
  if (!isDescriptorLimit(maxDescriptors)) {
    throw new RangeError(
      `maxDescriptors must be a whole number from 1 to ${MAX_DESCRIPTOR_LIMIT}, not ${maxDescriptors}`,
    );
  }
  return {
    [VARIABLES.bucket]: storage.bucket.bucketName,
    ...recordsEnvironment(storage),
    [VARIABLES.urlLifetime]: String(seconds),
    [VARIABLES.maxDescriptors]: String(maxDescriptors),
    [VARIABLES.s3Multipart]: String(s3Multipart),
    [VARIABLES.log]: "requests",
    // Read by the SDK: https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
    AWS_USE_DUALSTACK_ENDPOINT: String(dualStack),
    ...(corsOrigins.length === 0 ? {} : { [VARIABLES.corsOrigin]: corsOrigins.join(",") }),
  };
}
