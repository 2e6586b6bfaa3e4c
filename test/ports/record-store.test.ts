import { describe, expect, it } from "vitest";
import { getAll, queryAll, writeBatches, writeSkippingConflicts } from "../../lib/ports/batches.ts";
import { bodyOf, collect } from "../../lib/ports/body.ts";
import { ConditionFailedError, check, type Key, keyOf, put, remove } from "../../lib/ports/record-store.ts";
import {
  StorageBusyError,
  StorageFullError,
  StorageUnavailableError,
} from "../../lib/ports/storage-errors.ts";
import { UploadBusyError } from "../../lib/ports/upload-store.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";
import { interceptRecords } from "../support/interceptor.ts";
import { enforceLimits } from "../support/strict-records.ts";

type Value = { readonly n: number };
const key = (sort: string, partition = "p"): Key<Value> => ({ partition, sort });
const numbered = (n: number) => key(String(n).padStart(5, "0"));

describe("a failed condition", () => {
  const error = new ConditionFailedError([key("a"), key("b", "q")]);

  it("reports its keys", () => {
    expect(error).toMatchObject({ name: "ConditionFailedError", message: "a condition failed on a, b" });
  });

  it.each<[Key<Value>, boolean]>([
    [key("a"), true],
    [key("b", "q"), true],
    [key("a", "q"), false],
    [key("b"), false],
    [key("c"), false],
  ])("concerns %j: %s", (other, isAbout) => {
    expect(error.isAbout(other)).toBe(isAbout);
  });
});

it.each([
  ["StorageFullError", new StorageFullError("why"), "why"],
  ["StorageBusyError", new StorageBusyError("why"), "why"],
  ["StorageUnavailableError", new StorageUnavailableError("why"), "why"],
  ["UploadBusyError", new UploadBusyError("id", { use: "close", ended: Promise.resolve() }), undefined],
])("an error has its class name and its cause: %s", (name, error, cause) => {
  expect([error.name, error.cause]).toEqual([name, cause]);
});

it.each([put(key("a"), { n: 1 }), remove(key("a")), check(key("a"), "present")])(
  "%j yields its key",
  (change) => {
    expect(keyOf(change)).toEqual(key("a"));
  },
);

describe("batches", () => {
  it.each([0, 1, 99, 100, 101, 200, 1000, 1001])("can write, find and list %d records", async (count) => {
    const calls: string[] = [];
    const records = interceptRecords(enforceLimits(new MemoryRecords()), async ({ method }, run) => {
      calls.push(method);
      return await run();
    });
    const numbers = Array.from({ length: count }, (_, n) => n);
    const changes = numbers.map((n) => put(numbered(n), { n }));
    await writeBatches(records, changes);
    expect(await getAll(records, numbers.map(numbered))).toEqual(numbers.map((n) => ({ n })));
    const listed: number[] = [];
    for await (const { value } of queryAll(records, key(""))) listed.push(value.n);
    expect(listed).toEqual(numbers);
    const batches = Math.ceil(count / 100);
    const queries = Math.floor(count / 1000) + 1;
    expect(calls).toEqual([
      ...Array(batches).fill("write"),
      ...Array(batches).fill("getMany"),
      ...Array(queries).fill("query"),
    ]);
  });

  it("skip changes whose condition fails, and write the others", async () => {
    const records = enforceLimits(new MemoryRecords());
    const odd = Array.from({ length: 150 }, (_, n) => put(numbered(2 * n + 1), { n: -1 }));
    await writeBatches(records, odd);
    const all = Array.from({ length: 300 }, (_, n) => put(numbered(n), { n }, "absent"));
    await writeSkippingConflicts(records, all);
    const values = await getAll(
      records,
      Array.from({ length: 300 }, (_, n) => numbered(n)),
    );
    expect(values).toEqual(Array.from({ length: 300 }, (_, n) => ({ n: n % 2 === 1 ? -1 : n })));
  });

  it("fail for other reasons", async () => {
    const failing = interceptRecords(new MemoryRecords(), () => Promise.reject(new Error("broken")));
    await expect(writeSkippingConflicts(failing, [put(key("a"), { n: 1 })])).rejects.toThrow("broken");
  });
});

it("a collected body is not changed by later reads", async () => {
  const shared = Buffer.from("a");
  async function* overwriting() {
    for (const text of ["a", "b", "c"]) {
      shared.write(text);
      yield shared;
    }
  }
  expect(Buffer.from(await collect(overwriting())).toString()).toBe("abc");
  expect(Buffer.from(await collect(bodyOf(Buffer.from("x"), Buffer.from("y")))).toString()).toBe("xy");
});
