import { createDynamoClient } from "../../storage/dynamodb/client.ts";
import { DynamoRecords } from "../../storage/dynamodb/records.ts";
import { resolveSdkOptions } from "../../storage/dynamodb/sdk.ts";
import { FormatCheckingRecordStore } from "../../storage/format-checking-record-store.ts";
import { PresignedS3Blobs, S3Blobs } from "../../storage/s3/blobs.ts";
import { createChecksumProbe } from "../../storage/s3/checksum-probe.ts";
import { createS3Client } from "../../storage/s3/client.ts";
import { PartMemory } from "../../storage/s3/multipart/part-memory.ts";
import { S3Uploads } from "../../storage/s3/uploads.ts";
import type { AwsOptions, Storage, StorageOptions } from "./storage-options.ts";

/** Opens the storage in S3 and DynamoDB. @param name name of the bucket */
export function openAwsStorage(options: StorageOptions, name: string, table: string): Storage {
  const s3 = s3Client(options);
  const dynamo = dynamoClient(options);
  const bucket = { client: s3, name, memory: new PartMemory() };
  const acceptsSinglePut = options.s3Multipart ? async () => false : createChecksumProbe(bucket);
  const presign = { lifetime: options.urlLifetime, now: () => new Date() };
  return {
    records: new FormatCheckingRecordStore(new DynamoRecords({ client: dynamo, table })),
    blobs: options.redirect
      ? new PresignedS3Blobs({ ...bucket, acceptsSinglePut }, presign)
      : new S3Blobs({ ...bucket, acceptsSinglePut }),
    uploads: new S3Uploads(bucket),
    close: async () => {
      s3.destroy();
      dynamo.destroy();
    },
  };
}

/** Creates an S3 client for the region or endpoint of the options. */
export function s3Client({ region, endpointS3: endpoint }: AwsOptions) {
  return createS3Client({ region, endpoint });
}

/** Creates a DynamoDB client for the region or endpoint of the options. */
export function dynamoClient({ region, endpointDynamodb: endpoint }: AwsOptions) {
  return createDynamoClient(resolveSdkOptions({ region, endpoint }));
}
