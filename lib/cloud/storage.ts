import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { EXPIRY_ATTRIBUTE, PARTITION_ATTRIBUTE, SORT_ATTRIBUTE } from "../ports/record-keys.ts";
import { acknowledge } from "./acknowledge.ts";

/** Longer than an upload session lives: what is left then is of no use to anybody. */
const LEFTOVERS = Duration.days(2);

/** Blobs themselves never expire. */
const FREEING: LifecycleRule[] = [
  { id: "abort-broken-uploads", abortIncompleteMultipartUploadAfter: LEFTOVERS },
  { id: "expire-staged-chunks", prefix: "uploads/", expiration: LEFTOVERS },
];

export interface StorageProps {
  /** Whether bucket and table are deleted, with all that they hold, when the stack is. */
  readonly destroyData: boolean;
}

/** What a registry knows: blobs in a bucket, records in a table. */
export class Storage extends Construct {
  readonly bucket: Bucket;
  readonly table: Table;

  constructor(scope: Construct, id: string, { destroyData }: StorageProps) {
    super(scope, id);
    const removalPolicy = destroyData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    this.bucket = new Bucket(this, "Blobs", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: FREEING,
      removalPolicy,
      autoDeleteObjects: destroyData,
    });
    acknowledge(
      this.bucket,
      "Each request for an object, or for the URL of one, is logged by the functions.",
      "S1",
    );
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
