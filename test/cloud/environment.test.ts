import { App, Duration, Stack } from "aws-cdk-lib";
import { afterEach, expect, it } from "vitest";
import { storageEnvironment } from "../../lib/cloud/compute/environment.ts";
import { Storage } from "../../lib/cloud/storage.ts";
import { parseDigest } from "../../lib/oci/digest.ts";
import { PresignedS3Blobs } from "../../lib/storage/s3/blobs.ts";
import { createS3Client } from "../../lib/storage/s3/client.ts";
import { PartMemory } from "../../lib/storage/s3/multipart/part-memory.ts";

const storage = new Storage(new Stack(new App(), "Images"), "Storage", { destroyData: false });

it.each([
  [Duration.seconds(1), "1"],
  [Duration.hours(1), "3600"],
])("accepts a URL lifetime of %s", (urlLifetime, seconds) => {
  expect(
    storageEnvironment({ storage, urlLifetime, dualStack: true, s3Multipart: false })[
      "DOCKLESS_URL_LIFETIME"
    ],
  ).toBe(seconds);
});

it.each([
  [Duration.seconds(0), "0 seconds"],
  [Duration.seconds(3601), "1 hour 1 second"],
  [Duration.days(8), "8 days"],
])("rejects a URL lifetime of %s with an error that names it", (urlLifetime, text) => {
  expect(() => storageEnvironment({ storage, urlLifetime, dualStack: true, s3Multipart: false })).toThrow(
    `between 1 second and 1 hour, not ${text}`,
  );
});

const saved = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
});

it.each([
  [true, "images.s3.dualstack.eu-central-1.amazonaws.com"],
  [false, "images.s3.eu-central-1.amazonaws.com"],
])("presigns for the host that the prop dualStack (%s) selects", async (dualStack, host) => {
  const { AWS_USE_DUALSTACK_ENDPOINT } = storageEnvironment({
    storage,
    urlLifetime: Duration.minutes(1),
    dualStack,
    s3Multipart: false,
  });
  Object.assign(process.env, {
    AWS_USE_DUALSTACK_ENDPOINT,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
  const bucket = { client: createS3Client(), name: "images", memory: new PartMemory() };
  const blobs = new PresignedS3Blobs(bucket, { lifetime: 60, now: () => new Date() });
  const url = new URL(await blobs.locate(parseDigest(`sha256:${"0".repeat(64)}`)));
  expect(url.host).toBe(host);
});
