import { join } from "node:path";
import { open } from "lmdb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { put } from "../../../lib/ports/record-store.ts";
import { StorageFullError, StorageUnavailableError } from "../../../lib/ports/storage-errors.ts";
import { DiskRecords } from "../../../lib/storage/disk/records.ts";
import { newFolder } from "../../support/folder.ts";

vi.mock("lmdb", async (importOriginal) => {
  const lmdb = await importOriginal<typeof import("lmdb")>();
  return { ...lmdb, open: vi.fn(lmdb.open) };
});

const CHANGES = [put({ partition: "p", sort: "s" }, { n: 1 })];
const FULL = Object.assign(new Error("no space left on device"), { code: 28 });
const FAILED = Object.assign(new Error("input/output error"), { code: 5 });

/** Creates a rejected promise that does not count as unhandled. */
function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => undefined);
  return promise;
}

/** Creates LMDB's error of a failed commit, whose cause is the rejection of a promise. */
function placeholder(commitError: unknown): Error {
  return Object.assign(new Error("Commit failed (see commitError for details)"), { commitError });
}

let folder: Awaited<ReturnType<typeof newFolder>>;
let records: DiskRecords;
beforeEach(async () => {
  folder = await newFolder();
  records = await DiskRecords.open(join(folder.path, "records"));
});
afterEach(async () => {
  await records.close();
  await folder.remove();
});

/** Replaces a property of the LMDB environment. */
function replace(name: "transaction" | "flushed", value: unknown): void {
  Object.defineProperty(vi.mocked(open).mock.results.at(-1)?.value, name, { value });
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail("the commit succeeded"),
    (error: unknown) => error,
  );

const CASES: readonly (readonly [string, Error, unknown, unknown])[] = [
  ["of a full disk", FULL, StorageFullError, FULL],
  ["of a failing disk", FAILED, StorageUnavailableError, FAILED],
  ["whose promise reports a full disk", placeholder(rejected(FULL)), StorageFullError, FULL],
  ["whose promise reports a failing disk", placeholder(rejected(FAILED)), StorageUnavailableError, FAILED],
];

describe.each(CASES)("an error of LMDB %s is reported with its cause", (_, error, kind, cause) => {
  it("by a write whose transaction fails", async () => {
    replace("transaction", () => rejected(error));
    const thrown = await failure(records.write(CHANGES));
    expect(thrown).toBeInstanceOf(kind);
    expect(thrown).toMatchObject({ cause });
  });

  it("by a write that cannot be flushed", async () => {
    replace("flushed", rejected(error));
    const thrown = await failure(records.write(CHANGES));
    expect(thrown).toBeInstanceOf(kind);
    expect(thrown).toMatchObject({ cause });
  });

  it("by the deletion of expired records", async () => {
    replace("transaction", () => rejected(error));
    expect(await failure(records.sweepExpired(1))).toBeInstanceOf(kind);
  });
});

it("an error of LMDB whose promise is not rejected is its own cause", async () => {
  const error = placeholder(Promise.resolve());
  replace("transaction", () => rejected(error));
  const thrown = await failure(records.write(CHANGES));
  expect(thrown).toBeInstanceOf(StorageUnavailableError);
  expect(thrown).toMatchObject({ cause: error });
});
