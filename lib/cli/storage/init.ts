import { ensureFormat } from "../../ports/storage-format.ts";
import { DynamoRecords } from "../../storage/dynamodb/records.ts";
import { createSdkClient } from "../../storage/dynamodb/sdk.ts";
import { ensureTable, protectTable } from "../../storage/dynamodb/table.ts";
import { ensureBucket, protectBucket } from "../../storage/s3/setup.ts";
import {
  type AwsLocation,
  describeStores,
  formatCommand,
  formatStoreError,
  type StoreDescription,
} from "./aws-error.ts";
import { dynamoClient, s3Client } from "./aws-storage.ts";

/**
 * Creates and configures the bucket and the table. Idempotent.
 * @throws Error with a one-line message that contains the cause and its fix
 */
export async function init(options: AwsLocation): Promise<void> {
  using clients = new DisposableStack();
  const { s3, dynamodb } = describeStores(options);
  const bucket = {
    client: clients.adopt(s3Client(options), (client) => client.destroy()),
    name: options.bucket,
  };
  await withExplanation(s3, async () => {
    report(s3.what, await ensureBucket(bucket));
    warn("S3", await protectBucket(bucket));
  });
  const dynamo = clients.adopt(
    createSdkClient({ region: options.region, endpoint: options.endpointDynamodb }),
    (client) => client.destroy(),
  );
  await withExplanation(dynamodb, async () => {
    report(dynamodb.what, await ensureTable(dynamo, options.table));
    warn("DynamoDB", await protectTable(dynamo, options.table));
    const client = clients.adopt(dynamoClient(options), (opened) => opened.destroy());
    await ensureFormat(new DynamoRecords({ client, table: options.table }));
  });
  print(`ready: ${formatCommand("serve", options)}`);
}

/** Replaces errors with one-line messages that contain the fix. */
async function withExplanation(store: StoreDescription, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    throw new Error(formatStoreError(error, store), { cause: error });
  });
}

function report(what: string, created: boolean): void {
  print(`${what}: ${created ? "created" : "already exists"}`);
}

function warn(service: string, unsupported: readonly string[]): void {
  for (const what of unsupported) print(`warning: this ${service} service does not support ${what}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
