import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CancellationReason,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from "@aws-sdk/client-dynamodb";
import {
  type Change,
  ConditionFailedError,
  keyOf,
  StorageBusyError,
  StorageUnavailableError,
} from "../../registry/ports.ts";
import { isOutage } from "../outage.ts";

const ATTEMPTS = 8;
const FIRST_DELAY_MILLISECONDS = 20;
const MAX_DELAY_MILLISECONDS = 1000;

const THROTTLES = [
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ThrottlingException,
  TransactionConflictException,
  TransactionInProgressException,
];

/** Reasons for which DynamoDB cancels a transaction that may succeed a moment later. */
const PASSING = new Set([
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
  "RequestLimitExceeded",
]);

/**
 * Calls until it succeeds, with growing delays and full jitter. The SDK has tried a few times by itself already.
 * @throws StorageBusyError when the table throttles for too long; StorageUnavailableError when it cannot be reached
 */
export async function retrying<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error)) throw translated(error);
      if (attempt + 1 >= ATTEMPTS) throw new StorageBusyError(error);
      await sleep(Math.random() * Math.min(FIRST_DELAY_MILLISECONDS * 2 ** attempt, MAX_DELAY_MILLISECONDS));
    }
  }
}

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

function isPassing(error: unknown): boolean {
  if (THROTTLES.some((type) => error instanceof type)) return true;
  return reasonsOf(error).some(({ Code }) => Code !== undefined && PASSING.has(Code));
}

function reasonsOf(error: unknown): readonly CancellationReason[] {
  return error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
}

/** What the SDK gave up on after its own tries: the service failed, or did not answer in time. */
function translated(error: unknown): unknown {
  return isOutage(error) ? new StorageUnavailableError(error) : error;
}
