import { PARTITION_ATTRIBUTE } from "../../ports/record-keys.ts";
import type { Condition } from "../../ports/record-store.ts";
import { toItem } from "./attributes.ts";
import type { ConditionExpression } from "./operations.ts";

/** Converts a condition to a DynamoDB condition expression; returns an empty object if there is no condition. */
export function conditionExpression(condition: Condition<object> | undefined): ConditionExpression {
  if (condition === undefined) return {};
  if (condition === "absent") return { ConditionExpression: `attribute_not_exists(${PARTITION_ATTRIBUTE})` };
  if (condition === "present") return { ConditionExpression: `attribute_exists(${PARTITION_ATTRIBUTE})` };
  const fields = Object.entries(condition.where);
  return {
    ConditionExpression: fields.map((_, index) => `#f${index} = :v${index}`).join(" AND "),
    ExpressionAttributeNames: Object.fromEntries(fields.map(([name], index) => [`#f${index}`, name])),
    ExpressionAttributeValues: toItem(
      Object.fromEntries(fields.map(([, value], index) => [`:v${index}`, value])),
    ),
  };
}
