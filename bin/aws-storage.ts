import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DynamoRecords } from "../lib/storage/dynamodb/records.ts";
import { PresignedS3Blobs, S3Blobs } from "../lib/storage/s3/blobs.ts";
import { S3Uploads } from "../lib/storage/s3/uploads.ts";
import { failingWhenSilent } from "../lib/storage/silence.ts";
import type { AwsOptions, Storage, StorageOptions } from "./storage-options.ts";

export function openAws(options: StorageOptions, name: string, table: string): Storage {
  const s3 = s3Client(options);
  const dynamo = dynamoClient(options);
  const bucket = { client: s3, name };
  const presign = { lifetime: options.urlLifetime, now: () => new Date() };
  return {
    records: new DynamoRecords({ client: dynamo, table }),
    blobs: options.redirect ? new PresignedS3Blobs(bucket, presign) : new S3Blobs(bucket),
    uploads: new S3Uploads(bucket),
    close: async () => {
      s3.destroy();
      dynamo.destroy();
    },
  };
}

/**
 * A service that does not answer for so long, in milliseconds, is tried again. S3 gets the time that it takes to copy
 * a large part; DynamoDB answers at once or not at all.
 */
const S3_TIMEOUT = 20_000;
const DYNAMODB_TIMEOUT = 3000;

/**
 * A pull that is streamed holds a connection to S3 for as long as its client likes: with a limit, that many slow clients
 * would keep all others out. Calls of DynamoDB are short, and may wait for one another.
 */
const S3_CONNECTIONS = Number.POSITIVE_INFINITY;
const DYNAMODB_CONNECTIONS = 200;

/** Where answers come in. */
const ANSWERS = { step: "deserialize", priority: "low" } as const;

export function s3Client({ region, endpointS3 }: AwsOptions): S3Client {
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpointS3 === undefined ? {} : { endpoint: endpointS3, forcePathStyle: true }),
    requestHandler: requestHandler(S3_TIMEOUT, S3_CONNECTIONS),
  });
  client.middlewareStack.add(
    (next) => async (args) => failingWhenSilent(await next(args), S3_TIMEOUT),
    ANSWERS,
  );
  return client;
}

export function dynamoClient({ region, endpointDynamodb }: AwsOptions): DynamoDBClient {
  const client = new DynamoDBClient({
    ...(region === undefined ? {} : { region }),
    ...(endpointDynamodb === undefined ? {} : { endpoint: endpointDynamodb }),
    requestHandler: requestHandler(DYNAMODB_TIMEOUT, DYNAMODB_CONNECTIONS),
  });
  client.middlewareStack.add(
    (next) => async (args) => failingWhenSilent(await next(args), DYNAMODB_TIMEOUT),
    ANSWERS,
  );
  return client;
}

function requestHandler(requestTimeout: number, maxSockets: number) {
  const agent = { maxSockets };
  return {
    connectionTimeout: 2000,
    requestTimeout,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  };
}
