import { randomUUID } from "node:crypto";
import { CreateBucketCommand, ListMultipartUploadsCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { dynamoClient, openAwsStorage, s3Client } from "../../lib/cli/storage/aws-storage.ts";
import type { Storage } from "../../lib/cli/storage/storage-options.ts";
import { createSdkClient } from "../../lib/storage/dynamodb/sdk.ts";
import { ensureTable } from "../../lib/storage/dynamodb/table.ts";
import { type AwsEndpoints, awsEndpoints } from "./aws-endpoints.ts";

/** A bucket and a table used by only one suite, and the service endpoints. */
export interface AwsLocation {
  readonly bucket: string;
  readonly table: string;
  readonly endpoints: AwsEndpoints;
}

/** Creates a bucket and a table. They are not deleted: they disappear with the servers. */
export async function createLocation(endpoints = awsEndpoints()): Promise<AwsLocation> {
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
export function createClients({ endpoints }: Pick<AwsLocation, "endpoints">) {
  const options = { endpointS3: endpoints.s3Url, endpointDynamodb: endpoints.dynamoUrl };
  return { s3: s3Client(options), dynamo: dynamoClient(options) };
}

/** Opens the registry's storage at a location, as `dockless serve` does. */
export function openLocation({ bucket, table, endpoints }: AwsLocation, { redirect = true } = {}): Storage {
  const { s3Url: endpointS3, dynamoUrl: endpointDynamodb } = endpoints;
  const options = { endpointS3, endpointDynamodb, redirect, urlLifetime: 900, data: "" };
  return openAwsStorage(options, bucket, table);
}

/** Lists the contents of the bucket: one line for each object, and for each unfinished multipart upload. */
export async function listBucketContents(location: AwsLocation): Promise<readonly string[]> {
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
