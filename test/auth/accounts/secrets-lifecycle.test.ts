import { beforeEach, describe, expect, it } from "vitest";
import {
  type Account,
  createAccount,
  isUnexpired,
  lastUseKey,
  rotateSecret,
} from "../../../lib/auth/accounts/accounts.ts";
import { PasswordAuthenticator } from "../../../lib/auth/accounts/passwords.ts";
import { parseName } from "../../../lib/auth/grants/grantee.ts";
import { loadAccess } from "../../../lib/auth/snapshot.ts";
import { createMemoryRegistry, type MemoryRegistry } from "../../support/memory.ts";

const ALICE = parseName("alice");
const HOUR = 3600;

let memory: MemoryRegistry;
beforeEach(() => {
  memory = createMemoryRegistry();
});

const now = () => memory.clock.now();
const later = (seconds: number) => new Date(now().getTime() + seconds * 1000);

async function findAlice(): Promise<Account> {
  const [alice] = (await loadAccess(memory.records)).accounts;
  if (alice === undefined) throw new Error("no alice");
  return alice;
}

async function add(expires?: Date): Promise<string> {
  const { secret, changes } = await createAccount("user", ALICE, { groups: ["devs"], expires, now: now() });
  await memory.records.write(changes);
  return secret;
}

async function rotate(keep: Date, expires?: Date): Promise<string> {
  const { secret, changes } = await rotateSecret(await findAlice(), { keep, expires, now: now() });
  await memory.records.write(changes);
  return secret;
}

describe("a secret", () => {
  it.each<[string, number | undefined]>([
    ["without an expiry", undefined],
    ["with its expiry", HOUR],
  ])("is stored %s", async (_, lifetime) => {
    await add(lifetime === undefined ? undefined : later(lifetime));
    const [secret] = (await findAlice()).secrets;
    if (lifetime === undefined) expect(secret).not.toHaveProperty("expires");
    else expect(secret?.expires).toBe(later(lifetime).toISOString());
  });

  it("is valid up to its expiry", () => {
    const secret = { id: "a", hash: "b", created: now().toISOString() };
    expect(isUnexpired(secret, now())).toBe(true);
    expect(isUnexpired({ ...secret, expires: later(0.001).toISOString() }, now())).toBe(true);
    expect(isUnexpired({ ...secret, expires: now().toISOString() }, now())).toBe(false);
  });

  it.each<[string, number, number | undefined, number]>([
    ["its own expiry, when that is earlier", HOUR, 60, 60],
    ["the requested expiry, when its own is later", 60, HOUR, 60],
    ["the requested expiry, when it has none", 60, undefined, 60],
  ])("has after a rotation %s", async (_, keep, expires, end) => {
    await add(expires === undefined ? undefined : later(expires));
    await rotate(later(keep));
    const [old, newest] = (await findAlice()).secrets;
    expect(old?.expires).toBe(later(end).toISOString());
    expect(newest).not.toHaveProperty("expires");
  });

  it("is deleted by an immediate rotation, and only the last five are kept after many rotations", async () => {
    await add();
    await rotate(now());
    expect((await findAlice()).secrets).toHaveLength(1);
    for (let n = 0; n < 6; n++) await rotate(later(HOUR));
    const { secrets, groups } = await findAlice();
    expect(secrets).toHaveLength(5);
    expect(groups).toEqual(["devs"]);
  });
});

describe("the last use of a secret", () => {
  const authenticator = (access = () => loadAccess(memory.records)) =>
    new PasswordAuthenticator({ records: memory.records, now, access });
  const lastUsed = async () => (await memory.records.get(lastUseKey("user", ALICE)))?.at;

  it("is written at most once an hour by all processes", async () => {
    const secret = await add();
    const one = authenticator();
    const start = now().toISOString();
    await one.authenticate("alice", secret);
    expect(await lastUsed()).toBe(start);
    memory.clock.advance(HOUR - 1);
    await one.authenticate("alice", secret);
    await authenticator().authenticate("alice", secret);
    expect(await lastUsed()).toBe(start);
    memory.clock.advance(1);
    await one.authenticate("alice", secret);
    expect(await lastUsed()).toBe(now().toISOString());
  });

  it("is written at most once an hour even by processes that have not read each other's updates", async () => {
    const secret = await add();
    const access = await loadAccess(memory.records);
    const processes = [1, 2].map(() => authenticator(async () => access));
    const start = now().toISOString();
    for (const one of processes) {
      await one.authenticate("alice", secret);
      expect(await lastUsed()).toBe(start);
      memory.clock.advance(HOUR / 2);
    }
  });

  it("does not prevent authentication when it cannot be written", async () => {
    const secret = await add();
    const records = Object.assign(Object.create(memory.records), {
      write: () => Promise.reject(new Error("no network")),
    });
    const broken = new PasswordAuthenticator({
      ...{ records, now, access: () => loadAccess(memory.records) },
    });
    expect(await broken.authenticate("alice", secret)).toMatchObject({ name: "user:alice" });
  });
});
