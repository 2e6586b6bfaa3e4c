import { S3Client } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { PresignedS3Blobs } from "../../lib/storage/s3/blobs.ts";
import { PartMemory } from "../../lib/storage/s3/multipart/part-memory.ts";
import { blob } from "../support/content.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const LIFETIME_SECONDS = 900;

/** Returns the lifetime of a presigned URL when the credentials expire in a number of seconds. */
async function lifetimeOfUrl(credentialSeconds: number | undefined): Promise<number> {
  const expiration = credentialSeconds && new Date(NOW.getTime() + credentialSeconds * 1000);
  const credentials = { accessKeyId: "id", secretAccessKey: "secret", ...(expiration && { expiration }) };
  const client = new S3Client({ region: "us-east-1", credentials: async () => credentials });
  const blobs = new PresignedS3Blobs(
    { client, name: "bucket", memory: new PartMemory() },
    { lifetime: LIFETIME_SECONDS, now: () => NOW },
  );
  const url = new URL(await blobs.locate(blob("layer").digest));
  client.destroy();
  return Number(url.searchParams.get("X-Amz-Expires"));
}

it.each([
  ["for the configured lifetime when its credentials do not expire", undefined, LIFETIME_SECONDS],
  ["for the configured lifetime when its credentials expire later", LIFETIME_SECONDS + 1, LIFETIME_SECONDS],
  ["until its credentials expire, in whole seconds, when that is sooner", 60.9, 60],
  ["for the shortest time that S3 accepts when its credentials have expired", -1, 1],
])("a presigned URL is valid %s", async (_, credentialSeconds, expected) => {
  expect(await lifetimeOfUrl(credentialSeconds)).toBe(expected);
});
