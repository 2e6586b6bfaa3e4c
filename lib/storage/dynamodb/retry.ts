import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Change, ConditionFailedError, keyOf } from "../../ports/record-store.ts";
import { StorageBusyError, StorageUnavailableError } from "../../ports/storage-errors.ts";
import { isExpiredToken } from "../expired-token.ts";
import { isOutage } from "../outage.ts";
import { DynamoError } from "./client.ts";

/** How often a call is made when the table throttles, and when it fails. */
const ATTEMPTS = { throttled: 14, failed: 3 } as const;

const FIRST_DELAY_MILLISECONDS = 20;
const MAX_DELAY_MILLISECONDS = 1000;

/** Error Handling, in the developer guide: docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const THROTTLES: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  // Another Region writes the same item of a global table.
  "ReplicatedWriteConflictException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "TransactionConflictException",
  "TransactionInProgressException",
]);

/** Reasons for which DynamoDB cancels a transaction that may succeed a moment later. */
const PASSING: ReadonlySet<string> = new Set([
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
  "RequestLimitExceeded",
]);

/**
 * Calls until it succeeds, with growing delays and full jitter.
 * @throws StorageBusyError when the table throttles for too long; StorageUnavailableError when it fails or cannot be
 * reached, again and again
 */
export async function retrying<T>(call: () => Promise<T>): Promise<T> {
  const left: Record<keyof typeof ATTEMPTS, number> = { ...ATTEMPTS };
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const why = whyPassing(error);
      if (why === undefined) throw error;
      left[why]--;
      if (left[why] === 0) throw new GAVE_UP[why](error);
      await sleep(Math.random() * Math.min(FIRST_DELAY_MILLISECONDS * 2 ** tries, MAX_DELAY_MILLISECONDS));
    }
  }
}

const GAVE_UP = { throttled: StorageBusyError, failed: StorageUnavailableError } as const;

/**
 * Runs one transaction. All tries have the same token, so that a try whose answer was lost counts as done when it was:
 * docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 * @throws ConditionFailedError, and what `retrying` throws
 */
export async function transacting(
  changes: readonly Change[],
  call: (token: string) => Promise<unknown>,
): Promise<void> {
  const token = randomUUID();
  await retrying(async () => {
    try {
      await call(token);
    } catch (error) {
      const failed = failedConditions(error, changes);
      throw failed.length > 0 ? new ConditionFailedError(failed.map(keyOf)) : error;
    }
  });
}

function failedConditions(error: unknown, changes: readonly Change[]): readonly Change[] {
  return changes.filter((_, index) => reasonsOf(error)[index]?.Code === "ConditionalCheckFailed");
}

/** Undefined when it would fail again. */
function whyPassing(error: unknown): keyof typeof ATTEMPTS | undefined {
  if (error instanceof DynamoError) {
    if (THROTTLES.has(error.name)) return "throttled";
    if (error.reasons.some(({ Code }) => Code !== undefined && PASSING.has(Code))) return "throttled";
    return error.status >= 500 || isExpiredToken(error) ? "failed" : undefined;
  }
  return isOutage(error) ? "failed" : undefined;
}

function reasonsOf(error: unknown): DynamoError["reasons"] {
  return error instanceof DynamoError ? error.reasons : [];
}
