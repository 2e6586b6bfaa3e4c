import { Stack, Validations } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { IConstruct } from "constructs";

/** Suppresses findings of cdk-nag below a construct, each by the exact id that cdk-nag reports, and records the reason. */
export function acknowledge(scope: IConstruct, reason: string, ...ids: string[]): void {
  Validations.of(scope).acknowledge(...ids.map((id) => ({ id: `AwsSolutions-${id}`, reason })));
}

/** Returns the id of the finding for a statement that covers objects by a key pattern. */
export function objectsOf(bucket: Bucket, keys: string): string {
  const name = Stack.of(bucket).resolve(bucket.bucketArn)["Fn::GetAtt"][0];
  return `IAM5[Resource::<${name}.Arn>/${keys}]`;
}
