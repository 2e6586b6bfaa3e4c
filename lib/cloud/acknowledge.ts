import { Stack, Validations } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { IConstruct } from "constructs";

/** Says why findings of cdk-nag are no faults; below a construct, and as exactly as cdk-nag names them. */
export function acknowledge(scope: IConstruct, reason: string, ...ids: string[]): void {
  Validations.of(scope).acknowledge(...ids.map((id) => ({ id: `AwsSolutions-${id}`, reason })));
}

/** The finding that a statement is about objects whose keys it does not name in full. */
export function objectsOf(bucket: Bucket, keys: string): string {
  const name = Stack.of(bucket).resolve(bucket.bucketArn)["Fn::GetAtt"][0];
  return `IAM5[Resource::<${name}.Arn>/${keys}]`;
}
