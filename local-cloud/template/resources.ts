import type { Template } from "./template.ts";

/** Types of resources that the rest of this folder makes something of. */
const WITH_EFFECT = [
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::Integration",
  "AWS::ApiGatewayV2::Route",
  "AWS::ApiGatewayV2::Stage",
  "AWS::CloudFront::Distribution",
  "AWS::CloudFront::Function",
  "AWS::CloudFront::OriginRequestPolicy",
  "AWS::DynamoDB::Table",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::Lambda::Function",
  "AWS::Lambda::Permission",
  "AWS::Lambda::Version",
  "AWS::Lambda::WebFunction",
  "AWS::Lambda::WebFunctionEndpoint",
  "AWS::Lambda::WebFunctionRevision",
  "AWS::S3::Bucket",
  "Custom::CDKBucketDeployment",
  "Custom::Trigger",
];

/** What there is nothing of on this machine: metrics, logs, and what is done only when the stack is made or removed. */
const WITHOUT_EFFECT = [
  "AWS::CDK::Metadata",
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::Lambda::LayerVersion",
  "AWS::Logs::LogGroup",
  "AWS::Logs::MetricFilter",
  // Speaks of others than the functions, and of plain HTTP, which is all that there is here.
  "AWS::S3::BucketPolicy",
  "Custom::S3AutoDeleteObjects",
];

/** @throws Error that names the resources that this cloud knows nothing of */
export function checkTypes(template: Template): void {
  const known = new Set([...WITH_EFFECT, ...WITHOUT_EFFECT]);
  const unknown = [...template.resources.values()].filter(({ type }) => !known.has(type));
  if (unknown.length === 0) return;
  const names = unknown.map(({ id, type }) => `${id} (${type})`).join(", ");
  throw new Error(`these resources are not understood: ${names}`);
}
