import { StorageUnavailableError } from "../../ports/storage-errors.ts";
import { StorageFormatError } from "../../ports/storage-format.ts";
import { isOutage } from "../../storage/outage.ts";
import { findAwsConfigurationError } from "../output/failure.ts";
import type { AwsOptions } from "./storage-options.ts";

/** Location of the bucket and the table. */
export interface AwsLocation extends AwsOptions {
  readonly bucket: string;
  readonly table: string;
}

/** A description of the bucket or the table for error messages. */
export interface StoreDescription {
  readonly service: string;
  /** Kind and name, for example `bucket images`. */
  readonly what: string;
  /** Region or endpoint, with a preposition. */
  readonly where: string;
  /** Option that sets the name. */
  readonly option: string;
  /** Option that sets the region or the endpoint. */
  readonly whereOption: string;
  /** Command that creates it. */
  readonly init: string;
}

/** Returns descriptions of the bucket and the table. */
export function describeStores(place: AwsLocation): {
  readonly s3: StoreDescription;
  readonly dynamodb: StoreDescription;
} {
  const init = formatCommand("init", place);
  return {
    s3: {
      ...{ service: "S3", what: `bucket ${place.bucket}`, option: "--bucket", init },
      ...describeLocation(place.region, place.endpointS3, "--endpoint-s3"),
    },
    dynamodb: {
      ...{ service: "DynamoDB", what: `table ${place.table}`, option: "--table", init },
      ...describeLocation(place.region, place.endpointDynamodb, "--endpoint-dynamodb"),
    },
  };
}

/** Describes a region or an endpoint, and the option that sets it. */
function describeLocation(
  region = "the region of the AWS profile",
  endpoint: string | undefined,
  option: string,
) {
  return endpoint === undefined
    ? { where: `in ${region}`, whereOption: "--region" }
    : { where: `at ${endpoint}`, whereOption: option };
}

/** Formats a `dockless` command with the options of this location. */
export function formatCommand(
  command: string,
  { bucket, table, region, endpointS3, endpointDynamodb }: AwsLocation,
): string {
  const options = [
    ["--bucket", bucket],
    ["--table", table],
    ["--region", region],
    ["--endpoint-s3", endpointS3],
    ["--endpoint-dynamodb", endpointDynamodb],
  ];
  return [`dockless ${command}`, ...options.filter(([, value]) => value !== undefined).flat()].join(" ");
}

/** Formats an error of a store as one line, with its fix. */
export function formatStoreError(error: unknown, store: StoreDescription): string {
  if (error instanceof StorageFormatError) return error.message;
  if (error instanceof StorageUnavailableError) return formatUnavailable(error.cause, store);
  if (isOutage(error)) return unreachable(store, firstLineOf(error));
  if (!(error instanceof Error)) return unusable(store, String(error));
  const format = FORMATS[error.name] ?? unusable;
  return findAwsConfigurationError(error) ?? format(store, firstLineOf(error));
}

/** Formats the cause of an unavailable store: an outage, or expired AWS credentials. */
function formatUnavailable(cause: unknown, store: StoreDescription): string {
  const format = (cause instanceof Error && FORMATS[cause.name]) || unreachable;
  return format(store, firstLineOf(cause));
}

/** Formats an error message. @param reason message of the AWS service */
type Format = (store: StoreDescription, reason: string) => string;

const unreachable: Format = ({ service, where, whereOption }, reason) =>
  `${service} ${where} is unreachable (${reason}): check ${whereOption} and the network`;

const missing: Format = ({ what, where, init, option }) =>
  `${what} ${where} does not exist: create it with \`${init}\`, or choose another with ${option}`;

const elsewhere: Format = ({ what }, reason) =>
  `${what} is in another region (${reason}): set that region with --region`;

const denied: Format = ({ what }, reason) =>
  `the AWS credentials lack permissions on ${what} (${reason}): grant those listed in docs/storage.md#credentials-and-rights`;

const refused: Format = ({ service }, reason) =>
  `${service} rejected the AWS credentials (${reason}): set others with AWS_PROFILE, or with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;

const unusable: Format = ({ what, option }, reason) =>
  `${what} is unusable (${reason}): choose another with ${option}`;

/**
 * Formats by error name of S3 or DynamoDB.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const FORMATS: Readonly<Record<string, Format>> = {
  NoSuchBucket: missing,
  ResourceNotFoundException: missing,
  PermanentRedirect: elsewhere,
  AuthorizationHeaderMalformed: elsewhere,
  IllegalLocationConstraintException: elsewhere,
  AccessDenied: denied,
  AccessDeniedException: denied,
  InvalidAccessKeyId: refused,
  SignatureDoesNotMatch: refused,
  ExpiredToken: refused,
  InvalidToken: refused,
  UnrecognizedClientException: refused,
  InvalidSignatureException: refused,
  ExpiredTokenException: refused,
};

/** Returns whether the store is the cause of the error, and not an invalid request. */
export function isStoreError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return error instanceof StorageUnavailableError || Object.hasOwn(FORMATS, error.name);
}

/** Returns the first line of an error's message, or its code if the message is empty. */
function firstLineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : error.name;
  const [first = ""] = error.message.trim().split("\n", 1);
  return (first || code).replace(/[.:]$/, "");
}
