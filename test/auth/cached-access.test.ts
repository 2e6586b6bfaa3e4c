import { beforeEach, describe, expect, it } from "vitest";
import { parseAccessFile } from "../../lib/auth/access-file/access-file.ts";
import { applyPlan, planAccess } from "../../lib/auth/access-file/access-plan.ts";
import { ACCESS_VERSION_KEY, MAX_ACCESS_CHANGES } from "../../lib/auth/access-version.ts";
import { addAccount, removeAccount, rotateAccount } from "../../lib/auth/accounts/manage-accounts.ts";
import { cachedAccess, type IndexedAccess } from "../../lib/auth/cached-access.ts";
import { grant, revoke } from "../../lib/auth/grants/manage-grants.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import type { RecordStore } from "../../lib/ports/record-store.ts";
import { interceptRecords } from "../support/interceptor.ts";
import { type Clock, createMemoryRegistry } from "../support/memory.ts";

let records: RecordStore;
let clock: Clock;
let calls: string[];
let afterQuery: () => Promise<unknown>;
let access: () => Promise<IndexedAccess>;

beforeEach(() => {
  const memory = createMemoryRegistry();
  records = memory.records;
  clock = memory.clock;
  calls = [];
  afterQuery = async () => undefined;
  const watched = interceptRecords(records, async ({ method }, run) => {
    calls.push(method);
    const found = await run();
    if (method === "query") await afterQuery();
    return found;
  });
  access = cachedAccess(
    watched,
    () => clock.monotonicNow(),
    () => undefined,
  );
});

/** Returns the patterns of the grants, after changes have become effective. */
async function patterns(): Promise<readonly string[]> {
  clock.advance(2);
  return (await access()).grants.map(({ pattern }) => pattern);
}

describe("the cached access configuration", () => {
  it("is loaded twice, and then checked with one read every two seconds", async () => {
    await grant(records, "anonymous", "acme/**", "pull");
    for (let seconds = 0; seconds < 20; seconds++) {
      await access();
      clock.advance(1);
    }
    expect(calls).toEqual(["query", "get", "query", ...Array.from({ length: 8 }, () => "get")]);
  });

  it("keeps the compiled grants until a change", async () => {
    await grant(records, "anonymous", "acme/**", "pull");
    await patterns();
    await patterns();
    const { grantIndex } = await access();
    await patterns();
    expect((await access()).grantIndex).toBe(grantIndex);
  });

  it("includes a change after two seconds", async () => {
    expect(await patterns()).toEqual([]);
    await grant(records, "anonymous", "a", "pull");
    expect(await patterns()).toEqual(["a"]);
    await grant(records, "anonymous", "b", "pull");
    expect(await patterns()).toEqual(["a", "b"]);
    await revoke(records, "anonymous", "a");
    expect(await patterns()).toEqual(["b"]);
  });

  it.each([1, 2, 3])("includes a change that was written during load number %d", async (time) => {
    for (let loads = 1; loads < time; loads++) {
      await grant(records, "anonymous", `loaded${loads}`, "pull");
      await patterns();
    }
    afterQuery = async () => {
      afterQuery = async () => undefined;
      await grant(records, "anonymous", "later", "pull");
    };
    await grant(records, "anonymous", "earlier", "pull");
    for (let reads = 0; reads < 3; reads++) await patterns();
    expect(await patterns()).toContain("later");
  });
});

async function applyFile(store: RecordStore): Promise<void> {
  const file = parseAccessFile({ grants: [{ subject: "authenticated", pattern: "**", actions: ["pull"] }] });
  const plan = planAccess(await loadAccess(store), file, { create: false, pruneAccounts: false });
  await applyPlan(store, plan, { now: () => new Date(0), onSecret: () => undefined });
}

describe("the version of the access configuration", () => {
  const now = new Date(0);
  const options = { groups: [], expires: undefined };
  const version = async () => (await records.get(ACCESS_VERSION_KEY))?.version;

  it.each<[string, (store: RecordStore) => Promise<unknown>]>([
    ["an account", (store) => addAccount(store, "user", "bob", options, now)],
    ["a new secret", (store) => rotateAccount(store, "user", "alice", { keep: 0, expires: undefined }, now)],
    ["a deleted account", (store) => removeAccount(store, "user", "alice")],
    ["a grant", (store) => grant(store, "user:bob", "**", "pull")],
    ["a revoked grant", (store) => revoke(store, "user:alice", "**")],
    ["an access file", applyFile],
  ])("changes with %s", async (_, change) => {
    await addAccount(records, "user", "alice", options, now);
    await grant(records, "user:alice", "**", "pull");
    const before = await version();
    await change(records);
    expect(await version()).not.toBe(before);
  });

  it("fits in a write with the maximum number of changes", () => {
    expect(MAX_ACCESS_CHANGES).toBe(99);
  });
});
