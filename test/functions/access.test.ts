import { beforeEach, describe, expect, it } from "vitest";
import { applyShippedAccess } from "../../functions/access.ts";
import { parseAccessFile } from "../../lib/auth/access-file/access-file.ts";
import { createAccount, rotateSecret } from "../../lib/auth/accounts/accounts.ts";
import { parseName } from "../../lib/auth/grants/grantee.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import type { RecordStore } from "../../lib/ports/record-store.ts";
import { createMemoryRegistry } from "../support/memory.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const FILE = parseAccessFile({
  users: [{ name: "alice", groups: ["developers", "admins"] }],
  robots: [{ name: "cluster" }],
  grants: [{ subject: "group:developers", pattern: "acme/**", actions: ["pull", "push"] }],
});

let records: RecordStore;
let logged: object[];
let waits: number;
beforeEach(() => {
  records = createMemoryRegistry().records;
  logged = [];
  waits = 0;
});

async function apply(file = FILE, store = records) {
  logged = [];
  await applyShippedAccess(store, file, {
    options: "--table images --region eu-central-1",
    log: (line) => void logged.push(line),
    now: () => NOW,
    wait: async () => void waits++,
  });
}

async function add(name: string, groups: readonly string[]): Promise<string> {
  const options = { groups, expires: undefined, now: NOW };
  const { secret, changes } = await createAccount("user", parseName(name), options);
  await records.write(changes);
  return secret;
}

/** Records whose first writes fail. */
function failing(times: number, error: Error): RecordStore {
  let remaining = times;
  return {
    get: (key) => records.get(key),
    getMany: (keys) => records.getMany(keys),
    query: async (prefix, options) => await records.query(prefix, options),
    queryKeys: async (prefix, options) => await records.queryKeys(prefix, options),
    write: async (changes) => {
      if (remaining-- > 0) throw error;
      await records.write(changes);
    },
  };
}

const DENIED = Object.assign(new Error("User is not authorized"), { name: "AccessDeniedException" });

describe("a bundled access file", () => {
  it("is applied and logged once", async () => {
    await apply();
    expect((await loadAccess(records)).grants).toEqual(FILE.grants);
    const grant = {
      ...{ time: NOW.toISOString(), event: "access", change: "add", kind: "grant" },
      ...{ name: "group:developers acme/**", after: { actions: ["pull", "push"] } },
    };
    expect(logged).toContainEqual(grant);
    await apply();
    expect(logged).not.toContainEqual(grant);
  });

  it("removes grants and issuers that it does not contain", async () => {
    await apply();
    await apply(parseAccessFile({}));
    expect(await loadAccess(records)).toMatchObject({ grants: [], issuers: [] });
    expect(logged).toMatchObject([{ change: "remove", name: "group:developers acme/**" }]);
  });

  it("creates no account, and logs the command that does", async () => {
    await apply();
    expect((await loadAccess(records)).accounts).toEqual([]);
    const storeOptions = "--table images --region eu-central-1";
    expect(logged).toMatchObject([
      { change: "add" },
      {
        change: "missing",
        run: `dockless user add alice --group developers --group admins ${storeOptions}`,
      },
      { change: "missing", run: `dockless robot add cluster ${storeOptions}` },
    ]);
  });

  it("deletes no account but removes it from its groups, and logs no secret", async () => {
    const secret = await add("bob", ["developers"]);
    await add("alice", []);
    await apply();
    const { accounts } = await loadAccess(records);
    expect(accounts.map(({ name, groups }) => [name, groups])).toEqual([
      ["alice", ["developers", "admins"]],
      ["bob", []],
    ]);
    expect(logged).toMatchObject([
      { change: "change", name: "alice", before: { groups: [] } },
      { change: "change", name: "bob", before: { groups: ["developers"] }, after: { groups: [] } },
      { change: "add" },
      { change: "missing", name: "cluster" },
      { change: "extra", name: "bob", run: "dockless user remove bob --table images --region eu-central-1" },
    ]);
    const [hash = ""] = accounts.flatMap(({ secrets }) => secrets.map((stored) => stored.hash));
    for (const hidden of [secret, hash]) expect(JSON.stringify(logged)).not.toContain(hidden);
  });
});

describe("applying an access file", () => {
  it("retries until the permissions of its role have propagated", async () => {
    await apply(FILE, failing(3, DENIED));
    expect(waits).toBe(3);
    expect((await loadAccess(records)).grants).toEqual(FILE.grants);
  });

  it("fails when its role has no permission, and logs only completed changes", async () => {
    await expect(apply(FILE, failing(Number.POSITIVE_INFINITY, DENIED))).rejects.toThrow(DENIED);
    expect(waits).toBe(9);
    expect(logged).toEqual([]);
  });

  it("logs all completed changes when it fails midway", async () => {
    const grants = Array.from({ length: 150 }, (_, number) => {
      return { subject: "user:alice", pattern: `acme/app${number}`, actions: ["pull"] };
    });
    let writes = 0;
    const broken: RecordStore = {
      ...failing(0, DENIED),
      write: async (changes) => {
        if (++writes === 2) throw new Error("no network");
        await records.write(changes);
      },
    };
    await expect(apply(parseAccessFile({ grants }), broken)).rejects.toThrow("no network");
    const stored = (await loadAccess(records)).grants.map(({ pattern }) => `user:alice ${pattern}`);
    expect(stored).toHaveLength(99);
    expect(logged.map((line) => JSON.stringify(line)).toSorted()).toEqual(
      stored
        .map((name) => expect.stringContaining(`"change":"add","kind":"grant","name":"${name}"`))
        .toSorted(),
    );
  });

  it("fails without a retry after other errors", async () => {
    const lost = new Error("no such table");
    await expect(apply(FILE, failing(1, lost))).rejects.toThrow(lost);
    expect(waits).toBe(0);
  });

  it("retries when a secret is rotated at the same time, and keeps the new secret", async () => {
    await add("alice", []);
    let isRotated = false;
    const rotate = async () => {
      if (isRotated) return;
      isRotated = true;
      const [alice = expect.fail()] = (await loadAccess(records)).accounts;
      await records.write((await rotateSecret(alice, { keep: NOW, expires: undefined, now: NOW })).changes);
    };
    const conflicting: RecordStore = {
      ...failing(0, DENIED),
      write: async (changes) => {
        await rotate();
        await records.write(changes);
      },
    };
    await apply(FILE, conflicting);
    expect(waits).toBe(1);
    const [alice] = (await loadAccess(records)).accounts;
    expect(alice).toMatchObject({ groups: ["developers", "admins"], secrets: [{}] });
  });
});
