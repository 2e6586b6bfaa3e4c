import { createSdkClient } from "../lib/storage/dynamodb/sdk.ts";
import { ensureTable, protectTable } from "../lib/storage/dynamodb/table.ts";
import { ensureBucket, protectBucket } from "../lib/storage/s3/setup.ts";
import { s3Client } from "./aws-storage.ts";
import type { AwsOptions } from "./storage-options.ts";

export interface InitOptions extends AwsOptions {
  readonly bucket: string;
  readonly table: string;
}

/** Makes the bucket and the table that `serve` needs, or sees to it that they are as they should be. */
export async function init(options: InitOptions): Promise<void> {
  const bucket = { client: s3Client(options), name: options.bucket };
  report(`bucket ${options.bucket}`, await ensureBucket(bucket));
  warn("S3", await protectBucket(bucket));
  const dynamo = createSdkClient({ region: options.region, endpoint: options.endpointDynamodb });
  report(`table ${options.table}`, await ensureTable(dynamo, options.table));
  warn("DynamoDB", await protectTable(dynamo, options.table));
  say(`ready: dockless serve --bucket ${options.bucket} --table ${options.table}`);
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
