import { expect, it } from "vitest";
import { parseGrantee } from "../../lib/auth/grants/grantee.ts";
import { grantKey } from "../../lib/auth/grants/grants.ts";
import { parsePattern } from "../../lib/auth/grants/pattern.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import { writeBatches } from "../../lib/ports/batches.ts";
import { put } from "../../lib/ports/record-store.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";

/** More than two pages of a query. */
const GRANT_COUNT = 2500;

it("loads the grants of all pages of a query", async () => {
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
