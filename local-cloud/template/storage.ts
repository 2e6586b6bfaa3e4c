import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { Properties } from "./properties.ts";
import type { Template } from "./template.ts";

/** DynamoDB table as the template declares it. */
export interface TableModel {
  readonly input: CreateTableCommandInput;
  readonly ttlAttribute: string | undefined;
}

/** Parses the buckets of a template, and returns their names. */
export function parseBuckets(template: Template): readonly string[] {
  return template.ofType("AWS::S3::Bucket").map((resource) => {
    const properties = template.propertiesOf(resource);
    // Lifecycle rules and public access are not emulated.
    properties.ignore("LifecycleConfiguration", "PublicAccessBlockConfiguration", "Tags");
    properties.ignore("BucketEncryption", "VersioningConfiguration", "BucketName");
    properties.rejectUnread();
    return template.nameOf(resource);
  });
}

/** Parses the tables of a template. */
export function parseTables(template: Template): readonly TableModel[] {
  return template.ofType("AWS::DynamoDB::Table").map((resource) => {
    const properties = template.propertiesOf(resource);
    properties.ignore("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "TableName");
    properties.ignore("SSESpecification", "Tags");
    const input = { TableName: template.nameOf(resource), ...parseKeys(properties) };
    const ttl = properties.optional("TimeToLiveSpecification");
    const ttlAttribute = ttl?.get("Enabled") === true ? ttl.text("AttributeName") : undefined;
    ttl?.rejectUnread();
    properties.rejectUnread();
    return { input, ttlAttribute };
  });
}

function parseKeys(properties: Properties) {
  properties.requireOneOf("BillingMode", "PAY_PER_REQUEST");
  return {
    BillingMode: "PAY_PER_REQUEST" as const,
    AttributeDefinitions: properties.objects("AttributeDefinitions").map((attribute) => ({
      AttributeName: attribute.text("AttributeName"),
      AttributeType: attribute.text("AttributeType") as "S" | "N" | "B",
    })),
    KeySchema: properties.objects("KeySchema").map((key) => ({
      AttributeName: key.text("AttributeName"),
      KeyType: key.text("KeyType") as "HASH" | "RANGE",
    })),
  };
}
