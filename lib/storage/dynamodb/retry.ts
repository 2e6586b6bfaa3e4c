import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Change, ConditionFailedError, keyOf } from "../../ports/record-store.ts";
import { StorageBusyError, StorageUnavailableError } from "../../ports/storage-errors.ts";
import { isExpiredTokenError } from "../expired-token.ts";
import { isOutage } from "../outage.ts";
import { DynamoError } from "./client.ts";

/** Maximum number of attempts, for throttled calls and for failed calls. */
const MAX_ATTEMPTS = { throttled: 14, failed: 3 } as const;

const FIRST_DELAY_MILLISECONDS = 20;
const MAX_DELAY_MILLISECONDS = 1000;

/** Names of throttling errors: docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const THROTTLING_ERRORS: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  // Conflict with a write of another Region to the same item of a global table.
  "ReplicatedWriteConflictException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "TransactionConflictException",
  "TransactionInProgressException",
]);

/** Cancellation reasons of a transaction that are transient. */
const TRANSIENT_REASONS: ReadonlySet<string> = new Set([
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
  "RequestLimitExceeded",
]);

/**
 * Retries a call with exponential backoff and full jitter.
 * @throws StorageBusyError when the last attempt is throttled; StorageUnavailableError when it fails or DynamoDB cannot be
 * reached
 */
export async function retryWithBackoff<T>(call: () => Promise<T>): Promise<T> {
  const left: Record<keyof typeof MAX_ATTEMPTS, number> = { ...MAX_ATTEMPTS };
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const kind = transientKindOf(error);
      if (kind === undefined) throw error;
      left[kind]--;
      if (left[kind] === 0) throw new FINAL_ERRORS[kind](error);
      await sleep(Math.random() * Math.min(FIRST_DELAY_MILLISECONDS * 2 ** tries, MAX_DELAY_MILLISECONDS));
    }
  }
}

const FINAL_ERRORS = { throttled: StorageBusyError, failed: StorageUnavailableError } as const;

/**
 * Runs one transaction. All attempts send the same token, so that retrying after a lost response is idempotent:
 * docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 * @throws ConditionFailedError, and the errors of `retryWithBackoff`
 */
export async function runTransaction(
  changes: readonly Change[],
  call: (token: string) => Promise<unknown>,
): Promise<void> {
  const token = randomUUID();
  await retryWithBackoff(async () => {
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

/** Returns the kind of a transient error, or undefined for a permanent one. */
function transientKindOf(error: unknown): keyof typeof MAX_ATTEMPTS | undefined {
  if (error instanceof DynamoError) {
    if (THROTTLING_ERRORS.has(error.name)) return "throttled";
    if (error.reasons.some(({ Code }) => Code !== undefined && TRANSIENT_REASONS.has(Code)))
      return "throttled";
    return error.status >= 500 || isExpiredTokenError(error) ? "failed" : undefined;
  }
  return isOutage(error) ? "failed" : undefined;
}

function reasonsOf(error: unknown): DynamoError["reasons"] {
  return error instanceof DynamoError ? error.reasons : [];
}
