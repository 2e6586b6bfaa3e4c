import { randomUUID } from "node:crypto";
import { CreateBucketCommand, ListMultipartUploadsCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { dynamoClient, openAws, s3Client } from "../../lib/cli/storage/aws-storage.ts";
import type { Storage } from "../../lib/cli/storage/storage-options.ts";
import { createSdkClient } from "../../lib/storage/dynamodb/sdk.ts";
import { ensureTable } from "../../lib/storage/dynamodb/table.ts";
import { type AwsEndpoints, awsEndpoints } from "./aws-endpoints.ts";

/** Bucket and table that only one suite uses, and the endpoints of their services. */
export interface AwsPlace {
  readonly bucket: string;
  readonly table: string;
  readonly endpoints: AwsEndpoints;
}

/** Creates a bucket and a table, which exist as long as the servers. */
export async function newPlace(endpoints = awsEndpoints()): Promise<AwsPlace> {
  if (endpoints === undefined) throw new Error("no servers: run this with `npm run test:storage`");
  const name = `test-${randomUUID()}`;
  const location = { bucket: name, table: name, endpoints };
  const s3 = s3Client({ endpointS3: endpoints.s3Url });
  const dynamo = createSdkClient({ endpoint: endpoints.dynamoUrl });
  try {
    await s3.send(new CreateBucketCommand({ Bucket: name }));
    await ensureTable(dynamo, name);
    return location;
  } finally {
    s3.destroy();
    dynamo.destroy();
  }
}

/** Creates the registry's own clients for a location. */
export function clientsOf({ endpoints }: Pick<AwsPlace, "endpoints">) {
  const options = { endpointS3: endpoints.s3Url, endpointDynamodb: endpoints.dynamoUrl };
  return { s3: s3Client(options), dynamo: dynamoClient(options) };
}

/** Opens the registry's storage at a location, as `dockless serve` does. */
export function openPlace({ bucket, table, endpoints }: AwsPlace, { redirect = true } = {}): Storage {
  const { s3Url: endpointS3, dynamoUrl: endpointDynamodb } = endpoints;
  const options = { endpointS3, endpointDynamodb, redirect, urlLifetime: 900, data: "" };
  return openAws(options, bucket, table);
}

/** Lists the contents of the bucket: one line for each object, and for each unfinished multipart upload. */
export async function heldInBucket(location: AwsPlace): Promise<readonly string[]> {
  const s3 = s3Client({ endpointS3: location.endpoints.s3Url });
  const lines: string[] = [];
  try {
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: location.bucket })) {
      for (const { Key, Size } of page.Contents ?? []) lines.push(`${Key}: ${Size} bytes`);
    }
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: location.bucket }));
    for (const { Key, UploadId } of Uploads) lines.push(`${Key}: multipart upload ${UploadId}`);
    return lines;
  } finally {
    s3.destroy();
  }
}
