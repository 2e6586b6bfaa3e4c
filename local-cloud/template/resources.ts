import type { Template } from "./template.ts";

/** Resource types that the modules in this folder read. */
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
  "AWS::SecretsManager::Secret",
  "Custom::CDKBucketDeployment",
  "Custom::Trigger",
];

/** Resource types without an effect on this machine: metrics, logs, and steps that only create or delete the stack. */
const WITHOUT_EFFECT = [
  "AWS::CDK::Metadata",
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::Lambda::LayerVersion",
  "AWS::Logs::LogGroup",
  "AWS::Logs::MetricFilter",
  // Applies to principals other than the functions, and denies plain HTTP, which is the only protocol here.
  "AWS::S3::BucketPolicy",
  "Custom::S3AutoDeleteObjects",
];

/** Rejects unsupported resource types. @throws Error that names the resources */
export function checkTypes(template: Template): void {
  const known = new Set([...WITH_EFFECT, ...WITHOUT_EFFECT]);
  const unknown = [...template.resources.values()].filter(({ type }) => !known.has(type));
  if (unknown.length === 0) return;
  const names = unknown.map(({ id, type }) => `${id} (${type})`).join(", ");
  throw new Error(`unsupported resources: ${names}`);
}
