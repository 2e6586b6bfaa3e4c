import { randomUUID } from "node:crypto";
import { createApp } from "../../../lib/http/app.ts";
import { DynamoRecords } from "../../../lib/storage/dynamodb/records.ts";
import { PresignedS3Blobs, S3Blobs } from "../../../lib/storage/s3/blobs.ts";
import { PartMemory } from "../../../lib/storage/s3/multipart/part-memory.ts";
import { S3Uploads } from "../../../lib/storage/s3/uploads.ts";
import { createClients, createLocation } from "../../../local-cloud/support/aws-location.ts";
import { FamilyClient } from "../family.ts";
import { Calls } from "./counting.ts";

/** Registry on a new bucket and table, whose calls of the stores are counted. */
export interface WatchedRegistry {
  /** Returns a client of the registry that redirects pulls to S3. */
  redirecting(repository: string): FamilyClient;
  /** Returns a client of the registry that streams pulls. */
  streaming(repository: string): FamilyClient;
  /** Returns the calls made by some work, excluding earlier ones. */
  callsOf(work: () => Promise<unknown>): Promise<Calls>;
}

/** Starts the registry. */
export async function startWatched(): Promise<WatchedRegistry> {
  const location = await createLocation();
  const { s3, dynamo } = createClients(location);
  const bucket = {
    client: s3,
    name: location.bucket,
    memory: new PartMemory(),
    acceptsSinglePut: async () => true,
  };
  const calls = new Calls();
  const common = {
    records: new DynamoRecords({ client: calls.watched(dynamo), table: location.table }),
    uploads: new S3Uploads(bucket),
    now: () => new Date(),
    newId: randomUUID,
  };
  const onDefect = (error: unknown) => {
    throw error;
  };
  const presigned = new PresignedS3Blobs(bucket, { lifetime: 900, now: common.now });
  const redirecting = createApp({ ...common, blobs: presigned }, { onDefect });
  const streaming = createApp({ ...common, blobs: new S3Blobs(bucket) }, { onDefect });
  calls.watchS3(s3);
  return {
    redirecting: (repository) => new FamilyClient(redirecting, repository),
    streaming: (repository) => new FamilyClient(streaming, repository),
    callsOf: async (work) => {
      calls.reset();
      await work();
      return calls.copy();
    },
  };
}
