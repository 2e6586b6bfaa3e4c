import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CorsRule,
  HttpMethods,
  type LifecycleRule,
} from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { BUCKET_LIFECYCLE_RULES, type BucketLifecycleRule } from "../ports/bucket-lifecycle.ts";
import { EXPIRY_ATTRIBUTE, PARTITION_ATTRIBUTE, SORT_ATTRIBUTE } from "../ports/record-keys.ts";
import { acknowledgeFindings } from "./acknowledge.ts";

function toLifecycleRule(rule: BucketLifecycleRule): LifecycleRule {
  const { id, prefix, abortUploadsAfterDays: abort, expireAfterDays: expire } = rule;
  return {
    id,
    ...(prefix === "" ? {} : { prefix }),
    ...(abort === undefined ? {} : { abortIncompleteMultipartUploadAfter: Duration.days(abort) }),
    ...(expire === undefined ? {} : { expiration: Duration.days(expire) }),
  };
}

/**
 * After a cross-origin redirect, browsers send `Origin: null`, so all origins are allowed to read: access is controlled by the
 * presigned URL.
 * @see https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
 */
const WEB_PAGE_RULE: CorsRule = {
  allowedMethods: [HttpMethods.GET],
  allowedOrigins: ["*"],
  allowedHeaders: ["*"],
  exposedHeaders: ["Accept-Ranges", "Content-Range", "ETag"],
};

/** Options for `Storage`. */
export interface StorageProps {
  /** Whether the bucket and the table are deleted, with their contents, when the stack is deleted. */
  readonly destroyData: boolean;
  /** Whether web pages may read the presigned URLs of pulls. */
  readonly allowsWebPages?: boolean;
}

/** The registry's data: blobs in a bucket, records in a table. */
export class Storage extends Construct {
  readonly bucket: Bucket;
  readonly table: Table;

  constructor(scope: Construct, id: string, { destroyData, allowsWebPages }: StorageProps) {
    super(scope, id);
    const removalPolicy = destroyData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    this.bucket = new Bucket(this, "Blobs", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: BUCKET_LIFECYCLE_RULES.map(toLifecycleRule),
      removalPolicy,
      autoDeleteObjects: destroyData,
      ...(allowsWebPages === true && { cors: [WEB_PAGE_RULE] }),
    });
    acknowledgeFindings(this.bucket, "The functions log each request for an object, or for its URL.", "S1");
    this.table = new Table(this, "Records", {
      partitionKey: { name: PARTITION_ATTRIBUTE, type: AttributeType.STRING },
      sortKey: { name: SORT_ATTRIBUTE, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: EXPIRY_ATTRIBUTE,
      deletionProtection: !destroyData,
      removalPolicy,
    });
  }
}
