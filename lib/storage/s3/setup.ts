import {
  BucketAlreadyOwnedByYou,
  type BucketLocationConstraint,
  CreateBucketCommand,
  type CreateBucketCommandInput,
  HeadBucketCommand,
  type LifecycleRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { BUCKET_LIFECYCLE_RULES, type BucketLifecycleRule } from "../../ports/bucket-lifecycle.ts";
import type { Bucket } from "./bucket.ts";

/** Creates the bucket unless it exists. @returns whether it was created */
export async function ensureBucket({ client, name }: Bucket): Promise<boolean> {
  if (await exists({ client, name })) return false;
  try {
    await client.send(new CreateBucketCommand({ Bucket: name, ...(await locationConstraint(client)) }));
    return true;
  } catch (error) {
    if (error instanceof BucketAlreadyOwnedByYou) return false;
    throw error;
  }
}

/** Returns the location constraint, which S3 requires for all regions except us-east-1. */
async function locationConstraint(client: S3Client): Promise<Partial<CreateBucketCommandInput>> {
  const region = await client.config.region();
  if (region === "us-east-1") return {};
  return { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } };
}

async function exists({ client, name }: Bucket): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: name }));
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
    throw error;
  }
}

/**
 * Blocks public access, enables encryption, and adds the lifecycle rules that free abandoned uploads. Idempotent.
 * @returns features that an S3-compatible service does not support; empty on S3 itself
 */
export async function protectBucket(bucket: Bucket): Promise<readonly string[]> {
  const steps = {
    "blocking public access": () => blockPublicAccess(bucket),
    "encryption at rest": () => encrypt(bucket),
    "lifecycle rules": () => expireAbandonedUploads(bucket),
  };
  const unsupported: string[] = [];
  for (const [feature, step] of Object.entries(steps)) {
    if (!(await isSupported(step))) unsupported.push(feature);
  }
  return unsupported;
}

async function isSupported(step: () => Promise<unknown>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 501) return false;
    throw error;
  }
}

async function blockPublicAccess({ client, name }: Bucket): Promise<void> {
  await client.send(
    new PutPublicAccessBlockCommand({
      Bucket: name,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
}

async function encrypt({ client, name }: Bucket): Promise<void> {
  const byDefault = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } };
  const ServerSideEncryptionConfiguration = { Rules: [byDefault] };
  await client.send(new PutBucketEncryptionCommand({ Bucket: name, ServerSideEncryptionConfiguration }));
}

function toLifecycleRule(rule: BucketLifecycleRule): LifecycleRule {
  const { id, prefix, abortUploadsAfterDays: abort, expireAfterDays: expire } = rule;
  return {
    ID: id,
    Status: "Enabled",
    Filter: { Prefix: prefix },
    ...(abort === undefined ? {} : { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abort } }),
    ...(expire === undefined ? {} : { Expiration: { Days: expire } }),
  };
}

async function expireAbandonedUploads({ client, name }: Bucket): Promise<void> {
  const LifecycleConfiguration = { Rules: BUCKET_LIFECYCLE_RULES.map(toLifecycleRule) };
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: name, LifecycleConfiguration }));
}
