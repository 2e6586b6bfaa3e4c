import { afterEach, expect, it, vi } from "vitest";
import { DynamoError } from "../../../lib/storage/dynamodb/client.ts";
import { retryWithBackoff } from "../../../lib/storage/dynamodb/retry.ts";

afterEach(() => vi.restoreAllMocks());

it("the delay between attempts doubles, starting at 20 ms or less", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const starts: number[] = [];
  await retryWithBackoff(async () => {
    starts.push(performance.now());
    if (starts.length < 4) throw new DynamoError("ThrottlingException", "", 400);
  });
  const delays = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
  expect(delays).toHaveLength(3);
  // A timer may end up to a millisecond early.
  for (const [index, delay] of delays.entries()) expect(delay).toBeGreaterThan(20 * 2 ** index - 2);
});
