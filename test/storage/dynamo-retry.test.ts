import { describe, expect, it } from "vitest";
import { type Change, ConditionFailedError, put, remove } from "../../lib/ports/record-store.ts";
import { StorageBusyError, StorageUnavailableError } from "../../lib/ports/storage-errors.ts";
import { type DynamoClient, DynamoError } from "../../lib/storage/dynamodb/client.ts";
import { DynamoRecords } from "../../lib/storage/dynamodb/records.ts";

const KEYS = ["one", "two"].map((sort) => ({ partition: "p", sort }));
const [ONE = { partition: "", sort: "" }, TWO = ONE] = KEYS;
const CHANGES: readonly Change[] = [put(ONE, { a: 1 }, "absent"), remove(TWO)];

/** Creates records whose calls fail with these errors in turn, and succeed from then on. */
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

const TRANSIENT_ERRORS: readonly (readonly [string, Error])[] = [
  ["throttles the table", refused("ProvisionedThroughputExceededException")],
  ["throttles the caller", refused("ThrottlingException")],
  ["throttles the account", refused("RequestLimitExceeded")],
  ["is still processing the previous attempt", refused("TransactionInProgressException")],
  ["reports a conflict with another transaction", refused("TransactionConflictException")],
  ["reports a conflict with a write in another Region", refused("ReplicatedWriteConflictException")],
  ["reports expired credentials", refused("ExpiredTokenException")],
  ["cancels because of a conflict", cancelled("None", "TransactionConflict")],
  ["cancels because of the throughput", cancelled("ProvisionedThroughputExceeded", "None")],
  ["cancels because of the request rate", cancelled("ThrottlingError", "None")],
  ["fails", failed(500)],
  ["is unavailable", failed(503)],
  ["hangs up", network("ECONNRESET")],
  ["is unreachable", network("EHOSTUNREACH")],
  ["does not respond", Object.assign(new Error("silence"), { name: "TimeoutError" })],
];

describe.concurrent("a failed transaction", () => {
  it.each(TRANSIENT_ERRORS)("is retried with the same token when DynamoDB %s", async (_, error) => {
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
  ])("is not retried when %s, and the error names the records", async (_, error, sorts) => {
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
  ])("is not retried after %s", async (error) => {
    const { records, inputs } = failing(error);
    await expect(records.write(CHANGES)).rejects.toBe(error);
    expect(inputs.length).toBe(1);
  });
});

describe.concurrent("retries end", () => {
  it("after three failures, regardless of the number of throttled attempts", async () => {
    const throttled = refused("ThrottlingException");
    const { records, inputs } = failing(failed(500), throttled, failed(502), throttled, failed(503));
    await expect(records.get(ONE)).rejects.toBeInstanceOf(StorageUnavailableError);
    expect(inputs.length).toBe(5);
  });

  it("after fourteen throttled attempts", async () => {
    const { records, inputs } = failing(...Array.from({ length: 20 }, () => refused("ThrottlingException")));
    await expect(records.get(ONE)).rejects.toBeInstanceOf(StorageBusyError);
    expect(inputs.length).toBe(14);
  }, 20_000);

  it("after fourteen responses with unprocessed keys", async () => {
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

describe("no request is sent", () => {
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
