import { expect, it } from "vitest";
import { parseGrantee } from "../../lib/auth/grants/grantee.ts";
import { grantKey } from "../../lib/auth/grants/grants.ts";
import { parsePattern } from "../../lib/auth/grants/pattern.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import { writeBatches } from "../../lib/ports/batches.ts";
import { ACCESS_SORT, PARTITIONS } from "../../lib/ports/record-keys.ts";
import { put } from "../../lib/ports/record-store.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";

/** More than two pages of a query. */
const GRANT_COUNT = 2500;

it("a snapshot contains the grants from all pages of a query", async () => {
  const records = new MemoryRecords();
  const subject = parseGrantee("group:devs");
  const patterns = Array.from({ length: GRANT_COUNT }, (_, number) => parsePattern(`acme/app${number}`));
  await writeBatches(
    records,
    patterns.map((pattern) => put(grantKey(subject, pattern), { actions: ["pull"] })),
  );
  const { grants } = await loadAccess(records);
  expect(new Set(grants.map(({ pattern }) => pattern))).toEqual(new Set(patterns));
});

it.each<[string, object, object]>([
  ["grant user:alice#acme/*", { actions: ["pull"] }, { grants: [expect.anything()] }],
  ["grant user:alice#Acme/*", { actions: ["pull"] }, { grants: [] }],
  ["grant alice#acme/*", { actions: ["pull"] }, { grants: [] }],
  ["grant user:alice#acme/*", { actions: ["pull", "own"] }, { grants: [{ actions: ["pull"] }] }],
  ["principal user#alice", { secrets: [] }, { accounts: [expect.anything()] }],
  ["principal user#Alice", { secrets: [] }, { accounts: [] }],
])("ignores what is malformed in the record %s of %j", async (record, value, access) => {
  const records = new MemoryRecords();
  const [kind, rest] = record.split(" ");
  const prefix = kind === "grant" ? ACCESS_SORT.grant : ACCESS_SORT.principal;
  await records.write([put({ partition: PARTITIONS.access, sort: `${prefix}${rest}` }, value)]);
  expect(await loadAccess(records)).toMatchObject(access);
});
