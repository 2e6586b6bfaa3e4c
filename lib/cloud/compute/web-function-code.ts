import { Aws, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { BucketDeployment, Source } from "aws-cdk-lib/aws-s3-deployment";
import { Construct } from "constructs";
import { acknowledgeFindings, objectsFinding } from "../acknowledge.ts";
import { createLogGroup } from "../logs.ts";
import { type Bundle, bundleAsset, FUNCTIONS_FOLDER } from "./bundle.ts";

/** Options for `WebFunctionCode`. */
export interface WebFunctionCodeProps {
  readonly bundle: Bundle;
  /** Log retention for the function that copies the code. */
  readonly logRetention: RetentionDays;
}

/**
 * Web function code in a versioned bucket that Lambda may read, unlike CDK's own asset bucket. Lambda reads the object whenever
 * it starts an environment, so versions are neither expired nor deleted while the stack exists.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html
 */
export class WebFunctionCode extends Construct {
  readonly bucket: Bucket;
  /** Object key, which contains the bundle's hash, so that changed code creates a new revision. */
  readonly key: string;

  constructor(scope: Construct, id: string, { bundle, logRetention }: WebFunctionCodeProps) {
    super(scope, id);
    const asset = new Asset(this, "Bundle", { path: FUNCTIONS_FOLDER, ...bundleAsset(bundle) });
    this.key = asset.s3ObjectKey;
    this.bucket = this.#createBucket();
    const copy = new BucketDeployment(this, "Copy", {
      sources: [Source.bucket(asset.bucket, asset.s3ObjectKey)],
      // CDK's classes do not compile with `exactOptionalPropertyTypes`.
      destinationBucket: this.bucket as IBucket,
      extract: false,
      // A rollback needs the previous object.
      prune: false,
      // Without a log group in the stack, the function's first log line would create the group that the deployment is about to
      // create, and CloudFormation would fail with "already exists" and roll back.
      logGroup: createLogGroup(this, "CopyLogs", { retention: logRetention }),
    });
    acknowledgeCopying(copy, this.bucket);
  }

  #createBucket(): Bucket {
    const bucket = new Bucket(this, "Bucket", {
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // The bucket contains only copies of objects in CDK's asset bucket.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    bucket.addToResourcePolicy(allowLambdaToRead(bucket));
    acknowledgeFindings(
      bucket,
      "The bucket contains only copies of the code, which Lambda reads when it starts an execution environment.",
      "S1",
    );
    return bucket;
  }
}

function allowLambdaToRead(bucket: Bucket): PolicyStatement {
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

/** Acknowledges the findings for CDK's copy function, a singleton in the stack with broad permissions. */
function acknowledgeCopying(copy: BucketDeployment, destination: Bucket): void {
  const copier = Stack.of(copy).node.children.find(({ node }) =>
    node.id.startsWith("Custom::CDKBucketDeployment"),
  );
  if (copier === undefined) throw new Error("CDK's copying function not found: its construct id has changed");
  const actions = ["GetBucket", "GetObject", "List", "Abort", "DeleteObject"];
  const assets = "cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>";
  acknowledgeFindings(
    copier,
    "CDK's own function for copying assets, which runs only during deployments.",
    "L1",
    "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
    ...actions.map((action) => `IAM5[Action::s3:${action}*]`),
    `IAM5[Resource::arn:<AWS::Partition>:s3:::${assets}/*]`,
    objectsFinding(destination, "*"),
  );
}
