import { BucketAlreadyOwnedByYou, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { afterEach, describe, expect, it } from "vitest";
import { BUCKET_LIFECYCLE_RULES } from "../../../lib/ports/bucket-lifecycle.ts";
import { ensureBucket, protectBucket } from "../../../lib/storage/s3/setup.ts";

const clients: S3Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

interface Sent {
  readonly command: string;
  readonly input: object;
}

/** A client whose calls fail with these errors by the names of their commands, and succeed otherwise. */
function bucketOf(failures: Readonly<Record<string, Error>>, region = "us-east-1") {
  const client = new S3Client({ region });
  clients.push(client);
  const sent: Sent[] = [];
  client.middlewareStack.add(
    (_, { commandName = "" }) =>
      async ({ input }) => {
        sent.push({ command: commandName.replace("Command", ""), input: { ...input } });
        if (failures[commandName.replace("Command", "")] !== undefined) {
          throw failures[commandName.replace("Command", "")];
        }
        return { output: { $metadata: {} }, response: undefined };
      },
    { step: "initialize" },
  );
  return { bucket: { client, name: "blobs" }, sent };
}

const response = (httpStatusCode: number) =>
  new S3ServiceException({
    name: "E",
    $fault: "client",
    message: `${httpStatusCode}`,
    $metadata: { httpStatusCode },
  });
const OWNED = new BucketAlreadyOwnedByYou({ message: "owned", $metadata: {} });

describe("a bucket", () => {
  it("that exists is not created", async () => {
    const { bucket, sent } = bucketOf({});
    expect(await ensureBucket(bucket)).toBe(false);
    expect(sent).toEqual([{ command: "HeadBucket", input: { Bucket: "blobs" } }]);
  });

  it.each([
    ["us-east-1", {}],
    ["eu-central-1", { CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }],
  ])("is created in %s", async (region, placement) => {
    const { bucket, sent } = bucketOf({ HeadBucket: response(404) }, region);
    expect(await ensureBucket(bucket)).toBe(true);
    expect(sent[1]).toEqual({ command: "CreateBucket", input: { Bucket: "blobs", ...placement } });
  });

  it("that was created concurrently is reported as not created", async () => {
    const { bucket } = bucketOf({ HeadBucket: response(404), CreateBucket: OWNED });
    expect(await ensureBucket(bucket)).toBe(false);
  });

  it.each([
    [{ HeadBucket: response(403) }, "403"],
    [{ HeadBucket: new Error("no network") }, "no network"],
    [{ HeadBucket: response(404), CreateBucket: response(409) }, "409"],
  ])("is not created when S3 rejects the request (%#)", async (failures, message) => {
    await expect(ensureBucket(bucketOf(failures).bucket)).rejects.toThrow(message);
  });
});

describe("a protected bucket", () => {
  it("blocks public access, encrypts objects, and expires abandoned uploads", async () => {
    const { bucket, sent } = bucketOf({});
    expect(await protectBucket(bucket)).toEqual([]);
    expect(sent.map(({ command }) => command)).toEqual([
      "PutPublicAccessBlock",
      "PutBucketEncryption",
      "PutBucketLifecycleConfiguration",
    ]);
    expect(sent[0]?.input).toMatchObject({
      PublicAccessBlockConfiguration: {
        ...{ BlockPublicAcls: true, BlockPublicPolicy: true },
        ...{ IgnorePublicAcls: true, RestrictPublicBuckets: true },
      },
    });
    const rules = BUCKET_LIFECYCLE_RULES.map(({ id, prefix, abortUploadsAfterDays, expireAfterDays }) => ({
      ...{ ID: id, Status: "Enabled", Filter: { Prefix: prefix } },
      ...(abortUploadsAfterDays === undefined
        ? {}
        : { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortUploadsAfterDays } }),
      ...(expireAfterDays === undefined ? {} : { Expiration: { Days: expireAfterDays } }),
    }));
    expect(sent[2]?.input).toEqual({ Bucket: "blobs", LifecycleConfiguration: { Rules: rules } });
  });

  it("omits what the service does not implement", async () => {
    const { bucket, sent } = bucketOf({
      PutPublicAccessBlock: response(501),
      PutBucketLifecycleConfiguration: response(501),
    });
    expect(await protectBucket(bucket)).toEqual(["blocking public access", "lifecycle rules"]);
    expect(sent).toHaveLength(3);
  });

  it("fails when the service rejects the request", async () => {
    await expect(protectBucket(bucketOf({ PutBucketEncryption: response(403) }).bucket)).rejects.toThrow(
      "403",
    );
  });
});
