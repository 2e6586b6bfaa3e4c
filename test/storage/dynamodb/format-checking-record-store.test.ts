import { beforeEach, describe, expect, it } from "vitest";
import { put, type RecordStore } from "../../../lib/ports/record-store.ts";
import {
  ensureFormat,
  FORMAT_KEY,
  STORAGE_FORMAT,
  StorageFormatError,
} from "../../../lib/ports/storage-format.ts";
import { FormatCheckingRecordStore } from "../../../lib/storage/format-checking-record-store.ts";
import { MemoryRecords } from "../../../lib/storage/memory/records.ts";
import { recordsContract } from "../../support/contracts/records-contract.ts";
import { interceptRecords } from "../../support/interceptor.ts";

const KEY = { partition: "repo#a", sort: "tag#a" };
const REPOSITORY = { partition: "catalog", sort: "a" };
const TOKEN_KEY = { partition: "keys", sort: "token#1" };
const GRANT = { partition: "access", sort: "grant#anonymous#**" };

let stored: MemoryRecords;
let records: FormatCheckingRecordStore;
let calls: string[];

beforeEach(() => {
  stored = new MemoryRecords();
  calls = [];
  const watched = interceptRecords(stored, async ({ method, about }, run) => {
    calls.push(`${method} ${about}`);
    return await run();
  });
  records = new FormatCheckingRecordStore(watched);
});

const READS: readonly [string, (store: RecordStore) => Promise<unknown>][] = [
  ["get", (store) => store.get(KEY)],
  ["getMany", (store) => store.getMany([KEY])],
  ["query", (store) => store.query(KEY, { limit: 1 })],
  ["queryKeys", (store) => store.queryKeys(KEY, { limit: 1 })],
];
const WRITE = (store: RecordStore) => store.write([put(KEY, { n: 1 })]);

describe("records whose format is checked", () => {
  recordsContract(async () => {
    const store = new FormatCheckingRecordStore(new MemoryRecords());
    return { store, reopen: async () => store, close: async () => undefined };
  });
});

describe("the first use of records", () => {
  it.each([...READS, ["write", WRITE] as const])("by %s reads the storage format once", async (_, use) => {
    await ensureFormat(stored);
    await use(records);
    expect(calls.filter((call) => call === "get meta format")).toHaveLength(1);
    calls = [];
    await use(records);
    await WRITE(records);
    expect(calls.filter((call) => call.includes("meta"))).toEqual([]);
  });

  it.each([...READS, ["write", WRITE] as const])(
    "by %s is rejected with an unknown storage format",
    async (_, use) => {
      await stored.write([put(FORMAT_KEY, { format: STORAGE_FORMAT + 1 })]);
      for (const _attempt of [1, 2]) await expect(use(records)).rejects.toThrow(StorageFormatError);
      expect(await stored.get(KEY)).toBeUndefined();
    },
  );

  it.each([
    ["a repository", REPOSITORY],
    ["a token key", TOKEN_KEY],
  ])("is rejected without a storage format if there is %s", async (_, key) => {
    await stored.write([put(key, {})]);
    for (const [, use] of READS) await expect(use(records)).rejects.toThrow(StorageFormatError);
    await expect(WRITE(records)).rejects.toThrow(StorageFormatError);
    expect(await stored.get(FORMAT_KEY)).toBeUndefined();
  });

  it("does not write the format when it only reads, so that a read-only role suffices", async () => {
    for (const [, use] of READS) await use(records);
    expect(calls.filter((call) => call.startsWith("write"))).toEqual([]);
  });

  it("writes the format before the first record, even if a deployment has already stored grants", async () => {
    await stored.write([put(GRANT, {})]);
    await WRITE(records);
    expect(calls.filter((call) => call.startsWith("write"))).toEqual([
      'write put meta format if "absent"',
      "write put repo#a tag#a",
    ]);
    expect(await stored.get(FORMAT_KEY)).toEqual({ format: STORAGE_FORMAT });
  });

  it("is accepted when another process has written the format and records since the format was read", async () => {
    const racing = interceptRecords(stored, async ({ method }, run) => {
      const found = await run();
      if (method === "get") await ensureFormat(stored).then(() => stored.write([put(REPOSITORY, {})]));
      return found;
    });
    expect(await new FormatCheckingRecordStore(racing).get(KEY)).toBeUndefined();
  });

  it("by several concurrent processes writes the format once", async () => {
    const others = [1, 2, 3].map(() => new FormatCheckingRecordStore(stored));
    await Promise.all(others.map(WRITE));
    expect(await stored.get(FORMAT_KEY)).toEqual({ format: STORAGE_FORMAT });
  });
});
