import { describe, expect, it } from "vitest";
import { initCalls } from "./template/init-calls.ts";
import { at, listOf, property, resourceOf, resourcesOf, statementsOf } from "./template/resources.ts";
import { synthesized } from "./template/synthesized.ts";

const template = synthesized();
const blobs = resourceOf(template, "AWS::S3::Bucket", "RegistryStorage");
const records = resourceOf(template, "AWS::DynamoDB::Table");

describe("the data", () => {
  it.each([["bucket", blobs] as const, ["table", records] as const])(
    "in the %s outlives the stack",
    (_, { DeletionPolicy, UpdateReplacePolicy }) => {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["Retain", "Retain"]);
    },
  );

  it("in the bucket is not deleted by a function of the stack", () => {
    const emptied = resourcesOf(template, "Custom::S3AutoDeleteObjects").map((resource) =>
      JSON.stringify(resource.Properties),
    );
    expect(emptied).toHaveLength(1);
    expect(emptied.join()).not.toContain(blobs.id);
  });

  it("in the table is protected against accidental deletion", () => {
    expect(property(records, "DeletionProtectionEnabled")).toBe(true);
  });

  it("is deleted with the stack only if configured", () => {
    const short = synthesized({ destroyData: true });
    const bucket = resourceOf(short, "AWS::S3::Bucket", "RegistryStorage");
    const table = resourceOf(short, "AWS::DynamoDB::Table");
    expect([bucket.DeletionPolicy, table.DeletionPolicy]).toEqual(["Delete", "Delete"]);
    expect(property(table, "DeletionProtectionEnabled")).toBe(false);
    expect(resourcesOf(short, "Custom::S3AutoDeleteObjects")).toHaveLength(2);
  });
});

describe("web pages", () => {
  it("can read presigned URLs only when origins are configured", () => {
    const open = resourceOf(
      synthesized({ corsOrigins: ["https://ui.example.com"] }),
      "AWS::S3::Bucket",
      "RegistryStorage",
    );
    expect(at(property(open, "CorsConfiguration"), "CorsRules", 0, "AllowedMethods")).toEqual(["GET"]);
    expect(Object.keys(Object(blobs.Properties))).not.toContain("CorsConfiguration");
  });
});

describe("every bucket", () => {
  const buckets = resourcesOf(template, "AWS::S3::Bucket");
  const policies = resourcesOf(template, "AWS::S3::BucketPolicy");

  it("blocks public access", () => {
    expect(buckets).toHaveLength(2);
    for (const bucket of buckets) {
      expect(property(bucket, "PublicAccessBlockConfiguration")).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
    const allowed = policies.flatMap(statementsOf).filter(({ effect }) => effect === "Allow");
    expect(allowed.length).toBeGreaterThan(0);
    for (const { principal } of allowed) expect(JSON.stringify(principal)).not.toContain('"*"');
  });

  it("is encrypted", () => {
    for (const bucket of buckets)
      expect(
        property(
          bucket,
          "BucketEncryption",
          "ServerSideEncryptionConfiguration",
          0,
          "ServerSideEncryptionByDefault",
          "SSEAlgorithm",
        ),
      ).toBe("AES256");
  });

  it("rejects requests without TLS", () => {
    for (const { id } of buckets) {
      const denied = policies
        .filter((policy) => at(property(policy, "Bucket"), "Ref") === id)
        .flatMap(statementsOf)
        .filter(({ effect, actions }) => effect === "Deny" && actions.includes("s3:*"));
      expect(denied.map(({ condition }) => condition)).toEqual([
        { Bool: { "aws:SecureTransport": "false" } },
      ]);
    }
  });
});

describe("the stack and `dockless init` agree on", async () => {
  const calls = await initCalls();

  it("public access", () => {
    expect(property(blobs, "PublicAccessBlockConfiguration")).toEqual(
      at(calls, "PutPublicAccessBlock", "PublicAccessBlockConfiguration"),
    );
  });

  it("encryption", () => {
    const rule = at(calls, "PutBucketEncryption", "ServerSideEncryptionConfiguration", "Rules", 0);
    expect(
      property(
        blobs,
        "BucketEncryption",
        "ServerSideEncryptionConfiguration",
        0,
        "ServerSideEncryptionByDefault",
      ),
    ).toEqual(at(rule, "ApplyServerSideEncryptionByDefault"));
  });

  it("the expiry of abandoned uploads", () => {
    const initialized = listOf(
      at(calls, "PutBucketLifecycleConfiguration", "LifecycleConfiguration", "Rules"),
    );
    const stacked = listOf(property(blobs, "LifecycleConfiguration", "Rules"));
    expect(initialized).toHaveLength(2);
    expect(
      stacked.map((rule) => [
        at(rule, "Id"),
        at(rule, "Status"),
        at(rule, "Prefix") ?? "",
        at(rule, "AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
        at(rule, "ExpirationInDays"),
      ]),
    ).toEqual(
      initialized.map((rule) => [
        at(rule, "ID"),
        at(rule, "Status"),
        at(rule, "Filter", "Prefix"),
        at(rule, "AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
        at(rule, "Expiration", "Days"),
      ]),
    );
  });

  it.each(["BillingMode", "KeySchema", "AttributeDefinitions"])("the table's %s", (name) => {
    const expected = at(calls, "CreateTable", name);
    expect(expected).toBeDefined();
    expect(property(records, name)).toEqual(expected);
  });

  it("the table's backups", () => {
    const expected = at(calls, "UpdateContinuousBackups", "PointInTimeRecoverySpecification");
    expect(expected).toEqual({ PointInTimeRecoveryEnabled: true });
    expect(property(records, "PointInTimeRecoverySpecification")).toEqual(expected);
  });

  it("the expiry of records", () => {
    const expected = at(calls, "UpdateTimeToLive", "TimeToLiveSpecification");
    expect(expected).toBeDefined();
    expect(property(records, "TimeToLiveSpecification")).toEqual(expected);
  });
});
