import { Stack, Validations } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { IConstruct } from "constructs";

/** Suppresses cdk-nag findings below a construct, each by the exact id that cdk-nag reports, and records the reason. */
export function acknowledgeFindings(scope: IConstruct, reason: string, ...ids: string[]): void {
  Validations.of(scope).acknowledge(...ids.map((id) => ({ id: `AwsSolutions-${id}`, reason })));
}

/** Returns the finding id for a statement that grants access to objects by key pattern. */
export function objectsFinding(bucket: Bucket, keys: string): string {
  const name = Stack.of(bucket).resolve(bucket.bucketArn)["Fn::GetAtt"][0];
  return `IAM5[Resource::<${name}.Arn>/${keys}]`;
}
