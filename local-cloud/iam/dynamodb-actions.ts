import { PARTITION_ATTRIBUTE } from "../../lib/ports/record-keys.ts";
import { isObject } from "../support/json.ts";
import { type AwsCall, type AwsRequest, UnsupportedCallError } from "./call.ts";
import type { Permission } from "./policy.ts";

const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
  Get: "GetItem",
};

const TABLE_OPERATIONS = new Set([
  "GetItem",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "Query",
  "Scan",
  "DescribeTable",
]);

/**
 * Parses a DynamoDB request into the call and its required permissions; a transaction requires those of all its items.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
export function parseDynamodbCall({ headers, body }: AwsRequest): AwsCall {
  const target = String(headers["x-amz-target"] ?? "");
  const operation = target.split(".")[1] ?? "";
  const input: unknown = JSON.parse(body);
  if (!isObject(input)) throw new UnsupportedCallError(target);
  return { kind: `DynamoDB ${operation}`, requiredPermissions: requiredPermissionsOf(operation, input) };
}

function requiredPermissionsOf(
  operation: string,
  input: Readonly<Record<string, unknown>>,
): readonly Permission[] {
  const permission = (action: string, table: unknown, about: unknown, index?: unknown): Permission => {
    return {
      action: `dynamodb:${action}`,
      resource: arn(String(table), index),
      leadingKeys: partitionsIn(about),
    };
  };
  if (TABLE_OPERATIONS.has(operation))
    return [permission(operation, input["TableName"], input, input["IndexName"])];
  if (operation === "BatchGetItem" || operation === "BatchWriteItem") {
    return Object.entries(object(input["RequestItems"])).map(([table, about]) =>
      permission(operation, table, about),
    );
  }
  if (operation === "TransactWriteItems" || operation === "TransactGetItems") {
    const items = Array.isArray(input["TransactItems"]) ? input["TransactItems"] : [];
    return items.flatMap((item) => {
      return Object.entries(object(item)).map(([name, value]) =>
        permission(TRANSACTION_ACTIONS[name] ?? name, object(value)["TableName"], value),
      );
    });
  }
  throw new UnsupportedCallError(`DynamoDB ${operation}`);
}

/**
 * Returns the partition keys in any part of a request: in keys, items and the key condition of a query.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
function partitionsIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(partitionsIn);
  if (!isObject(part)) return [];
  const own = object(part[PARTITION_ATTRIBUTE])["S"];
  const inside = Object.values(part).flatMap(partitionsIn);
  return [...(typeof own === "string" ? [own] : []), ...queriedPartitions(part), ...inside];
}

function queriedPartitions({
  KeyConditionExpression: condition,
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: values,
}: Readonly<Record<string, unknown>>): string[] {
  if (typeof condition !== "string") return [];
  return [...condition.matchAll(/([#\w]+) = (:\w+)/g)].flatMap(([, name = "", value = ""]) => {
    const text = object(object(values)[value])["S"];
    return (object(names)[name] ?? name) === PARTITION_ATTRIBUTE && typeof text === "string" ? [text] : [];
  });
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function arn(table: string, index: unknown): string {
  const base = table.startsWith("arn:") ? table : `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`;
  return index === undefined ? base : `${base}/index/${String(index)}`;
}
