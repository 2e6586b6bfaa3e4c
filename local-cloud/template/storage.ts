import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { Properties } from "./properties.ts";
import type { Template } from "./template.ts";

/** Table in the template. */
export interface TableModel {
  readonly input: CreateTableCommandInput;
  readonly ttlAttribute: string | undefined;
}

/** Returns the names of the buckets. */
export function bucketsOf(template: Template): readonly string[] {
  return template.ofType("AWS::S3::Bucket").map((resource) => {
    const properties = template.propertiesOf(resource);
    // Lifecycle and access by others are not simulated.
    properties.withoutEffect("LifecycleConfiguration", "PublicAccessBlockConfiguration", "Tags");
    properties.withoutEffect("BucketEncryption", "VersioningConfiguration", "BucketName");
    properties.finish();
    return template.nameOf(resource);
  });
}

/** Reads the tables. */
export function tablesOf(template: Template): readonly TableModel[] {
  return template.ofType("AWS::DynamoDB::Table").map((resource) => {
    const properties = template.propertiesOf(resource);
    properties.withoutEffect("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "TableName");
    properties.withoutEffect("SSESpecification", "Tags");
    const input = { TableName: template.nameOf(resource), ...parseKeys(properties) };
    const ttl = properties.optional("TimeToLiveSpecification");
    const ttlAttribute = ttl?.get("Enabled") === true ? ttl.text("AttributeName") : undefined;
    ttl?.finish();
    properties.finish();
    return { input, ttlAttribute };
  });
}

function parseKeys(properties: Properties) {
  properties.oneOf("BillingMode", "PAY_PER_REQUEST");
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
