import { StorageUnavailableError } from "../../ports/storage-errors.ts";
import { isOutage } from "../../storage/outage.ts";
import { whyAwsNotAsked } from "../output/failure.ts";
import type { AwsOptions } from "./storage-options.ts";

/** Where the two stores are. */
export interface AwsPlace extends AwsOptions {
  readonly bucket: string;
  readonly table: string;
}

/** One of them, for people. */
export interface Store {
  readonly service: string;
  readonly what: string;
  readonly where: string;
  /** The options that say which it is, and where. */
  readonly option: string;
  readonly whereOption: string;
  /** The command that creates it. */
  readonly init: string;
}

export function storesOf(place: AwsPlace): { readonly s3: Store; readonly dynamodb: Store } {
  const init = commandAt("init", place);
  return {
    s3: {
      ...{ service: "S3", what: `bucket ${place.bucket}`, option: "--bucket", init },
      ...whereabouts(place.region, place.endpointS3, "--endpoint-s3"),
    },
    dynamodb: {
      ...{ service: "DynamoDB", what: `table ${place.table}`, option: "--table", init },
      ...whereabouts(place.region, place.endpointDynamodb, "--endpoint-dynamodb"),
    },
  };
}

function whereabouts(region = "the region of the AWS profile", endpoint: string | undefined, option: string) {
  return endpoint === undefined
    ? { where: `in ${region}`, whereOption: "--region" }
    : { where: `at ${endpoint}`, whereOption: option };
}

/** A command of ours with the options that say where the two stores are. */
export function commandAt(
  command: string,
  { bucket, table, region, endpointS3, endpointDynamodb }: AwsPlace,
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

/** Why a store cannot be used, and what to do about it, in one line. */
export function whyUnusable(error: unknown, store: Store): string {
  if (error instanceof StorageUnavailableError) return unreachable(store, wordsOf(error.cause));
  if (isOutage(error)) return unreachable(store, wordsOf(error));
  if (!(error instanceof Error)) return unusable(store, String(error));
  const line = LINES[error.name] ?? unusable;
  return whyAwsNotAsked(error) ?? line(store, wordsOf(error));
}

type Line = (store: Store, said: string) => string;

const unreachable: Line = ({ service, where, whereOption }, said) =>
  `cannot reach ${service} ${where} (${said}): check ${whereOption}, and the network`;

const missing: Line = ({ what, where, init, option }) =>
  `there is no ${what} ${where}: create it with \`${init}\`, or choose another with ${option}`;

const elsewhere: Line = ({ what }, said) => `${what} is in another region (${said}): name that with --region`;

const denied: Line = ({ what }, said) =>
  `the AWS credentials have too few rights on ${what} (${said}): docs/storage.md#credentials-and-rights lists what it takes`;

const refused: Line = ({ service }, said) =>
  `${service} refuses the AWS credentials (${said}): use others by AWS_PROFILE, or by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;

const unusable: Line = ({ what, option }, said) =>
  `cannot use ${what} (${said}): choose another with ${option}`;

/** By the names of both services' errors: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const LINES: Readonly<Record<string, Line>> = {
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

/** Whether it is the store that does not do what it is asked, and not what is asked that is wrong. */
export function isAboutStore(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return error instanceof StorageUnavailableError || Object.hasOwn(LINES, error.name);
}

/** The first line of what the SDK says, which may have many. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : error.name;
  const [first = ""] = error.message.trim().split("\n", 1);
  return (first || code).replace(/[.:]$/, "");
}
