import { join } from "node:path";
import { open } from "lmdb";
import { beforeEach, describe, expect, it } from "vitest";
import { type Change, put, remove } from "../../../lib/ports/record-store.ts";
import { DiskRecords } from "../../../lib/storage/disk/records.ts";
import { openDescriptors, openedSince } from "../../support/process/open-descriptors.ts";
import { useFolder } from "../../support/use-folder.ts";

const KEY = { partition: "p", sort: "s" };
const OLD = put(KEY, { expiresAt: 100 });

const folder = useFolder();
let path: string;
beforeEach(() => {
  path = join(folder.path, "records");
});

/** Writes changes in turn, deletes expired records, and returns the entries of the index. */
async function indexAfter(changes: readonly Change[], now: number): Promise<readonly unknown[]> {
  const records = await DiskRecords.open(path);
  for (const change of changes) await records.write([change]);
  await records.sweepExpired(now);
  await records.close();
  const root = open({ path, maxDbs: 2 });
  const entries = Array.from(root.openDB<boolean, [number, string, string]>({ name: "expiries" }).getKeys());
  await root.close();
  return entries;
}

describe("the expiry index", () => {
  it.each<[string, readonly Change[], number, readonly unknown[]]>([
    ["contains a record that expires later", [OLD], 99, [[100, "p", "s"]]],
    ["omits an expired record", [OLD], 100, []],
    ["omits a deleted record", [OLD, remove(KEY)], 0, []],
    ["omits a record that no longer expires", [OLD, put(KEY, { n: 1 })], 0, []],
    ["contains only the last expiry", [OLD, put(KEY, { expiresAt: 200 })], 0, [[200, "p", "s"]]],
    ["omits a record whose expiry is not a number", [put(KEY, { expiresAt: "100" })], 0, []],
  ])("%s", async (_, changes, now, expected) => {
    expect(await indexAfter(changes, now)).toEqual(expected);
  });
});

it("a closed record store leaves no file open", async () => {
  const before = await openDescriptors();
  const records = await DiskRecords.open(path);
  await records.write([OLD]);
  expect(openedSince(before, await openDescriptors())).not.toEqual([]);
  await records.close();
  expect(openedSince(before, await openDescriptors())).toEqual([]);
});
