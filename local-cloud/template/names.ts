import { createHash } from "node:crypto";
import type { Resource } from "./resource.ts";

/** AWS region of the emulated stack. */
export const REGION = "us-east-1";
const ACCOUNT = "000000000000";

/** Values of pseudo parameters. */
export const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  "AWS::Region": REGION,
  "AWS::AccountId": ACCOUNT,
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
  "AWS::StackName": "Dockless",
  "AWS::StackId": `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Dockless/local`,
};

/** The property that sets a resource's name, by resource type. */
const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  "AWS::S3::Bucket": "BucketName",
  "AWS::DynamoDB::Table": "TableName",
  "AWS::IAM::Role": "RoleName",
  "AWS::Lambda::Function": "FunctionName",
  "AWS::Lambda::WebFunction": "FunctionName",
  "AWS::Logs::LogGroup": "LogGroupName",
  "AWS::SecretsManager::Secret": "Name",
};

const TYPES_WITH_GENERATED_NAMES = new Set([
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::Integration",
  "AWS::CloudFront::Distribution",
  "AWS::CloudFront::Function",
  "AWS::CloudFront::OriginRequestPolicy",
  "AWS::Lambda::WebFunctionRevision",
  "AWS::Lambda::WebFunctionEndpoint",
]);

/** Returns the property that can set the resource's name; undefined for types whose names are always generated. */
export function namePropertyOf({ type }: Resource): string | undefined {
  const property = NAME_PROPERTIES[type];
  if (property === undefined && !TYPES_WITH_GENERATED_NAMES.has(type))
    throw new Error(`unsupported reference to ${type}`);
  return property;
}

/** Generates a unique physical name from the logical ID, as CloudFormation does. */
export function generateName({ id, type }: Resource): string {
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 10);
  if (type.startsWith("AWS::ApiGatewayV2::")) return `a${hash}`;
  if (type === "AWS::S3::Bucket") return `dockless-${id.toLowerCase().slice(0, 40)}-${hash}`;
  return `Dockless-${id.slice(0, 40)}-${hash}`;
}

/**
 * Returns the ARN of a Lambda function version; the version number is derived from the logical ID.
 * @param functionArn ARN of the function without a version
 */
export function versionArn({ id }: Resource, functionArn: string): string {
  return `${functionArn}:${Number.parseInt(createHash("sha256").update(id).digest("hex").slice(0, 8), 16)}`;
}

/**
 * Returns the value of a resource attribute (`Fn::GetAtt`).
 * @param name physical name of the resource
 * @param host hostname of the CloudFront distribution
 */
export function attributeOf({ type }: Resource, attribute: string, name: string, host: string): string {
  const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
  switch (`${type}.${attribute}`) {
    case "AWS::S3::Bucket.Arn":
      return `arn:aws:s3:::${name}`;
    case "AWS::DynamoDB::Table.Arn":
      return arn("dynamodb", `table/${name}`);
    case "AWS::Lambda::Function.Arn":
      return arn("lambda", `function:${name}`);
    case "AWS::IAM::Role.Arn":
      return `arn:aws:iam::${ACCOUNT}:role/${name}`;
    case "AWS::SecretsManager::Secret.Arn":
      return arn("secretsmanager", `secret:${name}`);
    case "AWS::Logs::LogGroup.Arn":
      return arn("logs", `log-group:${name}:*`);
    case "AWS::CloudFront::Function.FunctionARN":
      return `arn:aws:cloudfront::${ACCOUNT}:function/${name}`;
    case "AWS::CloudFront::Distribution.DomainName":
      return host;
    case "AWS::Lambda::WebFunctionRevision.RevisionId":
      return name;
    case "AWS::Lambda::WebFunctionEndpoint.DomainName":
      return `${name.toLowerCase()}.lambda-web.${REGION}.on.aws`;
    default:
      throw new Error(`unsupported attribute ${attribute} of ${type}`);
  }
}
