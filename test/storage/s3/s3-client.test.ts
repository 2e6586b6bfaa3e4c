import { createServer } from "node:http";
import { afterEach, expect, it } from "vitest";
import { blobName } from "../../../lib/ports/object-names.ts";
import { StorageUnavailableError } from "../../../lib/ports/storage-errors.ts";
import { PresignedS3Blobs, S3Blobs } from "../../../lib/storage/s3/blobs.ts";
import { createS3Client } from "../../../lib/storage/s3/client.ts";
import { PartMemory } from "../../../lib/storage/s3/multipart/part-memory.ts";
import { type ListeningServer, listen } from "../../../local-cloud/support/listen.ts";
import { blob } from "../../support/content.ts";

const servers: ListeningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

it("requests credentials for each call, because the SDK would cache those without an expiry forever", async () => {
  let session = 0;
  const credentials = async () => ({ accessKeyId: `key-${++session}`, secretAccessKey: "secret" });
  const client = createS3Client({ region: "us-east-1", credentials });
  const blobs = new PresignedS3Blobs(
    { client, name: "bucket", memory: new PartMemory() },
    { lifetime: 60, now: () => new Date() },
  );
  const keyOf = async () => {
    const url = new URL(await blobs.locate(blob("layer").digest));
    return url.searchParams.get("X-Amz-Credential")?.split("/")[0];
  };
  const first = await keyOf();
  expect(await keyOf()).not.toBe(first);
  client.destroy();
});

it.each([
  ["ExpiredToken", 1, StorageUnavailableError],
  ["AccessDenied", 0, Error],
])("reports expired credentials and no other error: %s", async (code, reports, thrown) => {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
  const server = createServer((_, outgoing) => outgoing.writeHead(400).end(body));
  const listening = await listen(server);
  servers.push(listening);
  let reported = 0;
  const client = createS3Client({
    ...{ region: "us-east-1", endpoint: listening.url },
    credentials: async () => ({ accessKeyId: "key", secretAccessKey: "secret" }),
    onExpiredCredentials: () => reported++,
  });
  const blobs = new S3Blobs({ client, name: "bucket", memory: new PartMemory() });
  await expect(blobs.get(blob("layer").digest)).rejects.toBeInstanceOf(thrown);
  expect(reported).toBe(reports);
  client.destroy();
});

it.each([
  [{ endpoint: "http://s3.example.test" }, "http://s3.example.test/bucket/"],
  [{}, "https://bucket.s3.us-east-1.amazonaws.com/"],
])("uses path-style addressing only for a custom endpoint: %j", async (location, prefix) => {
  const credentials = async () => ({ accessKeyId: "key", secretAccessKey: "secret" });
  const client = createS3Client({ ...location, region: "us-east-1", credentials });
  const blobs = new PresignedS3Blobs(
    { client, name: "bucket", memory: new PartMemory() },
    { lifetime: 60, now: () => new Date() },
  );
  const { digest } = blob("layer");
  expect(await blobs.locate(digest)).toMatch(`${prefix}${blobName(digest)}?`);
  client.destroy();
});
