import { isObject } from "../../../soak/json.ts";
import { type AwsCall, type AwsRequest, UnknownCallError } from "./call.ts";
import type { Access } from "./policy.ts";

const TRANSACTION: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
  Get: "GetItem",
};

const SINGLE = new Set(["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable"]);

/** What DynamoDB's operations need; a transaction needs what its items do, one by one. */
export function dynamodbCall({ headers, body }: AwsRequest): AwsCall {
  const target = String(headers["x-amz-target"] ?? "");
  const operation = target.split(".")[1] ?? "";
  const input: unknown = JSON.parse(body);
  if (!isObject(input)) throw new UnknownCallError(target);
  return { kind: `DynamoDB ${operation}`, needs: needsOf(operation, input) };
}

function needsOf(operation: string, input: Readonly<Record<string, unknown>>): readonly Access[] {
  const needs = (action: string, table: unknown, index?: unknown): Access => {
    return { action: `dynamodb:${action}`, resource: arn(String(table), index) };
  };
  if (SINGLE.has(operation)) return [needs(operation, input["TableName"], input["IndexName"])];
  if (operation === "BatchGetItem" || operation === "BatchWriteItem") {
    return Object.keys(object(input["RequestItems"])).map((table) => needs(operation, table));
  }
  if (operation === "TransactWriteItems" || operation === "TransactGetItems") {
    const items = Array.isArray(input["TransactItems"]) ? input["TransactItems"] : [];
    return items.flatMap((item) => {
      return Object.entries(object(item)).map(([name, value]) =>
        needs(TRANSACTION[name] ?? name, object(value)["TableName"]),
      );
    });
  }
  throw new UnknownCallError(`DynamoDB ${operation}`);
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function arn(table: string, index: unknown): string {
  const base = table.startsWith("arn:") ? table : `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`;
  return index === undefined ? base : `${base}/index/${String(index)}`;
}
