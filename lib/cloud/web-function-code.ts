import { Aws, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { BucketDeployment, Source } from "aws-cdk-lib/aws-s3-deployment";
import { Construct } from "constructs";
import { bundled, FUNCTIONS } from "./bundle.ts";

export interface WebFunctionCodeProps {
  /** A file in `functions/`. */
  readonly entry: string;
}

/**
 * A bundle where Lambda takes the code of a web function from: a versioned bucket that admits it. The bucket of CDK's own
 * assets does not.
 */
export class WebFunctionCode extends Construct {
  readonly bucket: Bucket;
  /** Has the hash of the bundle in it, so that new code makes a new revision. */
  readonly key: string;

  constructor(scope: Construct, id: string, { entry }: WebFunctionCodeProps) {
    super(scope, id);
    const asset = new Asset(this, "Bundle", { path: FUNCTIONS, ...bundled(entry) });
    this.key = asset.s3ObjectKey;
    this.bucket = this.#createBucket();
    const copy = new BucketDeployment(this, "Copy", {
      sources: [Source.bucket(asset.bucket, asset.s3ObjectKey)],
      // CDK's classes are not written for `exactOptionalPropertyTypes`.
      destinationBucket: this.bucket as IBucket,
      extract: false,
      // A deployment that is rolled back needs what was there before.
      prune: false,
    });
    acknowledgeCopying(copy);
  }

  #createBucket(): Bucket {
    const bucket = new Bucket(this, "Bucket", {
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // Nothing is lost: all is in the bucket of CDK's assets.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    bucket.addToResourcePolicy(lambdaMayRead(bucket));
    Validations.of(bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason: "Holds nothing but copies of the code, which Lambda reads once for each deployment.",
    });
    return bucket;
  }
}

function lambdaMayRead(bucket: Bucket): PolicyStatement {
  const functions = `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:web-function/*`;
  return new PolicyStatement({
    principals: [new ServicePrincipal("lambda.amazonaws.com")],
    actions: ["s3:GetObject", "s3:GetObjectVersion"],
    resources: [bucket.arnForObjects("*")],
    conditions: {
      StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID },
      ArnLike: { "aws:SourceArn": functions },
    },
  });
}

/** The function that copies is CDK's, and shared by the whole stack. */
function acknowledgeCopying(copy: BucketDeployment): void {
  const reason = "CDK's own function for copying assets, which runs during deployments only.";
  const [handler] = Stack.of(copy).node.children.filter(({ node }) =>
    node.id.startsWith("Custom::CDKBucketDeployment"),
  );
  if (handler === undefined) return;
  Validations.of(handler).acknowledge(
    ...["AwsSolutions-IAM4", "AwsSolutions-IAM5", "AwsSolutions-L1"].map((id) => ({ id, reason })),
  );
}
