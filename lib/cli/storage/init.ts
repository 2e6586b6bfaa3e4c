import { createSdkClient } from "../../storage/dynamodb/sdk.ts";
import { ensureTable, protectTable } from "../../storage/dynamodb/table.ts";
import { ensureBucket, protectBucket } from "../../storage/s3/setup.ts";
import { type AwsPlace, commandAt, type Store, storesOf, whyUnusable } from "./aws-failure.ts";
import { s3Client } from "./aws-storage.ts";

/**
 * Makes the bucket and the table that `serve` needs, or sees to it that they are as they should be.
 * @throws Error that says in one line why a service cannot be asked, and what to do about it
 */
export async function init(options: AwsPlace): Promise<void> {
  using clients = new DisposableStack();
  const { s3, dynamodb } = storesOf(options);
  const bucket = {
    client: clients.adopt(s3Client(options), (client) => client.destroy()),
    name: options.bucket,
  };
  await explaining(s3, async () => {
    report(s3.what, await ensureBucket(bucket));
    warn("S3", await protectBucket(bucket));
  });
  const dynamo = clients.adopt(
    createSdkClient({ region: options.region, endpoint: options.endpointDynamodb }),
    (client) => client.destroy(),
  );
  await explaining(dynamodb, async () => {
    report(dynamodb.what, await ensureTable(dynamo, options.table));
    warn("DynamoDB", await protectTable(dynamo, options.table));
  });
  say(`ready: ${commandAt("serve", options)}`);
}

async function explaining(store: Store, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    throw new Error(whyUnusable(error, store), { cause: error });
  });
}

function report(what: string, created: boolean): void {
  say(`${what}: ${created ? "created" : "exists"}`);
}

function warn(service: string, unsupported: readonly string[]): void {
  for (const what of unsupported) say(`warning: this ${service} service does not support ${what}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
