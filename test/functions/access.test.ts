import { beforeEach, describe, expect, it } from "vitest";
import { applyShipped } from "../../functions/access.ts";
import { parseAccessFile } from "../../lib/auth/access-file/access-file.ts";
import { newPrincipal, rotated } from "../../lib/auth/accounts/principals.ts";
import { parseName } from "../../lib/auth/grants/subject.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import type { RecordStore } from "../../lib/ports/record-store.ts";
import { memoryRegistry } from "../support/memory.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const FILE = parseAccessFile({
  users: [{ name: "alice", groups: ["developers", "admins"] }],
  robots: [{ name: "cluster" }],
  grants: [{ subject: "group:developers", pattern: "acme/**", actions: ["pull", "push"] }],
});

let records: RecordStore;
let told: object[];
let waits: number;
beforeEach(() => {
  records = memoryRegistry().records;
  told = [];
  waits = 0;
});

async function apply(file = FILE, store = records) {
  told = [];
  await applyShipped(store, file, {
    options: "--table images --region eu-central-1",
    log: (line) => void told.push(line),
    now: () => NOW,
    wait: async () => void waits++,
  });
}

async function add(name: string, groups: readonly string[]): Promise<string> {
  const options = { groups, expires: undefined, now: NOW };
  const { secret, changes } = await newPrincipal("user", parseName(name), options);
  await records.write(changes);
  return secret;
}

/** Whose writes fail so often before they succeed. */
function failing(times: number, error: Error): RecordStore {
  let left = times;
  return {
    get: (key) => records.get(key),
    getMany: (keys) => records.getMany(keys),
    query: async (prefix, options) => await records.query(prefix, options),
    write: async (changes) => {
      if (left-- > 0) throw error;
      await records.write(changes);
    },
  };
}

const DENIED = Object.assign(new Error("User is not authorized"), { name: "AccessDeniedException" });

describe("an access file that is shipped", () => {
  it("becomes what is granted, and is told, once", async () => {
    await apply();
    expect((await loadAccess(records)).grants).toEqual(FILE.grants);
    const grant = {
      ...{ time: NOW.toISOString(), event: "access", change: "add", kind: "grant" },
      ...{ name: "group:developers acme/**", after: { actions: ["pull", "push"] } },
    };
    expect(told).toContainEqual(grant);
    await apply();
    expect(told).not.toContainEqual(grant);
  });

  it("takes away what it does not name", async () => {
    await apply();
    await apply(parseAccessFile({}));
    expect(await loadAccess(records)).toMatchObject({ grants: [], issuers: [] });
    expect(told).toMatchObject([{ change: "remove", name: "group:developers acme/**" }]);
  });

  it("makes no account, and tells by which command somebody can", async () => {
    await apply();
    expect((await loadAccess(records)).principals).toEqual([]);
    const place = "--table images --region eu-central-1";
    expect(told).toMatchObject([
      { change: "add" },
      {
        change: "missing",
        run: `dockless user add alice --group developers --group admins ${place}`,
      },
      { change: "missing", run: `dockless robot add cluster ${place}` },
    ]);
  });

  it("removes no account, but takes it out of its groups, and tells nothing of its secrets", async () => {
    const secret = await add("bob", ["developers"]);
    await add("alice", []);
    await apply();
    const { principals } = await loadAccess(records);
    expect(principals.map(({ name, groups }) => [name, groups])).toEqual([
      ["alice", ["developers", "admins"]],
      ["bob", []],
    ]);
    expect(told).toMatchObject([
      { change: "change", name: "alice", before: { groups: [] } },
      { change: "change", name: "bob", before: { groups: ["developers"] }, after: { groups: [] } },
      { change: "add" },
      { change: "missing", name: "cluster" },
      { change: "extra", name: "bob", run: "dockless user remove bob --table images --region eu-central-1" },
    ]);
    const [hash = ""] = principals.flatMap(({ secrets }) => secrets.map((stored) => stored.hash));
    for (const hidden of [secret, hash]) expect(JSON.stringify(told)).not.toContain(hidden);
  });
});

describe("applying it", () => {
  it("waits until its role may do what it may", async () => {
    await apply(FILE, failing(3, DENIED));
    expect(waits).toBe(3);
    expect((await loadAccess(records)).grants).toEqual(FILE.grants);
  });

  it("fails when it may not after all, and tells of nothing that was not done", async () => {
    await expect(apply(FILE, failing(Number.POSITIVE_INFINITY, DENIED))).rejects.toThrow(DENIED);
    expect(waits).toBe(9);
    expect(told).toEqual([]);
  });

  it("tells of all that was done, also when it fails half-way", async () => {
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
    expect(stored).toHaveLength(100);
    expect(told.map((line) => JSON.stringify(line)).toSorted()).toEqual(
      stored
        .map((name) => expect.stringContaining(`"change":"add","kind":"grant","name":"${name}"`))
        .toSorted(),
    );
  });

  it("fails at once for other reasons", async () => {
    const lost = new Error("no such table");
    await expect(apply(FILE, failing(1, lost))).rejects.toThrow(lost);
    expect(waits).toBe(0);
  });

  it("starts over when somebody rotates a secret meanwhile, which stays", async () => {
    await add("alice", []);
    let isRotated = false;
    const rotate = async () => {
      if (isRotated) return;
      isRotated = true;
      const [alice = expect.fail()] = (await loadAccess(records)).principals;
      await records.write((await rotated(alice, { keep: NOW, expires: undefined, now: NOW })).changes);
    };
    const meanwhile: RecordStore = {
      ...failing(0, DENIED),
      write: async (changes) => {
        await rotate();
        await records.write(changes);
      },
    };
    await apply(FILE, meanwhile);
    expect(waits).toBe(1);
    const [alice] = (await loadAccess(records)).principals;
    expect(alice).toMatchObject({ groups: ["developers", "admins"], secrets: [{}] });
  });
});
