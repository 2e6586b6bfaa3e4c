import { describe, expect, it } from "vitest";
import { type Change, ConditionFailedError, put, remove } from "../../lib/ports/record-store.ts";
import { StorageBusyError, StorageUnavailableError } from "../../lib/ports/storage-errors.ts";
import { type DynamoClient, DynamoError } from "../../lib/storage/dynamodb/client.ts";
import { DynamoRecords } from "../../lib/storage/dynamodb/records.ts";

const KEYS = ["one", "two"].map((sort) => ({ partition: "p", sort }));
const [ONE = { partition: "", sort: "" }, TWO = ONE] = KEYS;
const CHANGES: readonly Change[] = [put(ONE, { a: 1 }, "absent"), remove(TWO)];

/** Records whose calls fail so, one after the other, and succeed from then on. */
function failing(...errors: readonly Error[]) {
  const inputs: unknown[] = [];
  const client: DynamoClient = {
    call: async (_, input) => {
      inputs.push(input);
      const error = errors[inputs.length - 1];
      if (error !== undefined) throw error;
      return {};
    },
    destroy: () => undefined,
  };
  return { records: new DynamoRecords({ client, table: "t" }), inputs };
}

const cancelled = (...codes: readonly string[]) =>
  new DynamoError(
    "TransactionCanceledException",
    "",
    400,
    codes.map((Code) => ({ Code })),
  );
const refused = (name: string) => new DynamoError(name, "", 400);
const failed = (status: number) => new DynamoError("InternalServerError", "", status);
const network = (code: string) => Object.assign(new Error(code), { code });

const PASSING: readonly (readonly [string, Error])[] = [
  ["throttles the table", refused("ProvisionedThroughputExceededException")],
  ["throttles the caller", refused("ThrottlingException")],
  ["throttles the account", refused("RequestLimitExceeded")],
  ["still works on the try before", refused("TransactionInProgressException")],
  ["has another transaction on an item", refused("TransactionConflictException")],
  ["has a write from another Region on the item", refused("ReplicatedWriteConflictException")],
  ["has seen the credentials expire", refused("ExpiredTokenException")],
  ["cancels for another transaction", cancelled("None", "TransactionConflict")],
  ["cancels for the throughput", cancelled("ProvisionedThroughputExceeded", "None")],
  ["cancels for the rate", cancelled("ThrottlingError", "None")],
  ["fails", failed(500)],
  ["is not there", failed(503)],
  ["hangs up", network("ECONNRESET")],
  ["has no way to it", network("EHOSTUNREACH")],
  ["does not answer", Object.assign(new Error("silence"), { name: "TimeoutError" })],
];

describe.concurrent("a transaction that DynamoDB does not do", () => {
  it.each(PASSING)("because it %s is tried again, as the same one", async (_, error) => {
    const { records, inputs } = failing(error, error);
    await records.write(CHANGES);
    expect(inputs.length).toBe(3);
    expect(new Set(inputs.map((input) => JSON.stringify(input))).size).toBe(1);
    expect(inputs[0]).toHaveProperty("ClientRequestToken", expect.stringMatching(/^[0-9a-f-]{36}$/));
  });

  it.each([
    ["a condition failed", cancelled("ConditionalCheckFailed", "None"), ["one"]],
    ["another condition failed", cancelled("None", "ConditionalCheckFailed"), ["two"]],
    [
      "a condition failed, and there is a conflict",
      cancelled("ConditionalCheckFailed", "TransactionConflict"),
      ["one"],
    ],
  ])("because %s is not tried again, and it is told which", async (_, error, sorts) => {
    const { records, inputs } = failing(error);
    const thrown = await records.write(CHANGES).catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(ConditionFailedError);
    expect(thrown).toMatchObject({ failed: sorts.map((sort) => ({ partition: "p", sort })) });
    expect(inputs.length).toBe(1);
  });

  it.each([
    refused("ResourceNotFoundException"),
    refused("AccessDeniedException"),
    refused("ValidationException"),
    cancelled("ValidationError", "None"),
    new TypeError("a bug"),
  ])("because of %s is not tried again", async (error) => {
    const { records, inputs } = failing(error);
    await expect(records.write(CHANGES)).rejects.toBe(error);
    expect(inputs.length).toBe(1);
  });
});

describe.concurrent("a call is given up", () => {
  it("after it has failed three times, however often it was throttled", async () => {
    const throttled = refused("ThrottlingException");
    const { records, inputs } = failing(failed(500), throttled, failed(502), throttled, failed(503));
    await expect(records.get(ONE)).rejects.toBeInstanceOf(StorageUnavailableError);
    expect(inputs.length).toBe(5);
  });

  it("after it was throttled fourteen times", async () => {
    const { records, inputs } = failing(...Array.from({ length: 20 }, () => refused("ThrottlingException")));
    await expect(records.get(ONE)).rejects.toBeInstanceOf(StorageBusyError);
    expect(inputs.length).toBe(14);
  }, 20_000);

  it("after as many answers that leave keys out", async () => {
    let calls = 0;
    const client: DynamoClient = {
      call: async () => {
        calls++;
        return {
          UnprocessedKeys: { t: { Keys: [{ PK: { S: "p" }, SK: { S: "one" } }], ConsistentRead: true } },
        };
      },
      destroy: () => undefined,
    };
    await expect(new DynamoRecords({ client, table: "t" }).getMany([ONE])).rejects.toBeInstanceOf(
      StorageBusyError,
    );
    expect(calls).toBe(14);
  }, 20_000);
});

describe("no call is made", () => {
  it("for no keys", async () => {
    const { records, inputs } = failing();
    expect(await records.getMany([])).toEqual([]);
    expect(inputs).toEqual([]);
  });

  it("for no changes", async () => {
    const { records, inputs } = failing();
    await records.write([]);
    expect(inputs).toEqual([]);
  });
});
