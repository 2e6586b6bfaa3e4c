import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Condition } from "../../registry/ports.ts";

export const MARSHALL = { removeUndefinedValues: true, convertClassInstanceToMap: false } as const;

/** The parts of a request that state a condition. */
export interface ConditionExpression {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** Says a condition in DynamoDB's words; nothing when there is none. */
export function conditionExpression(condition: Condition<object> | undefined): ConditionExpression {
  if (condition === undefined) return {};
  if (condition === "absent") return { ConditionExpression: "attribute_not_exists(PK)" };
  if (condition === "present") return { ConditionExpression: "attribute_exists(PK)" };
  const fields = Object.entries(condition.where);
  return {
    ConditionExpression: fields.map((_, index) => `#f${index} = :v${index}`).join(" AND "),
    ExpressionAttributeNames: Object.fromEntries(fields.map(([name], index) => [`#f${index}`, name])),
    ExpressionAttributeValues: marshall(
      Object.fromEntries(fields.map(([, value], index) => [`:v${index}`, value])),
      MARSHALL,
    ),
  };
}
