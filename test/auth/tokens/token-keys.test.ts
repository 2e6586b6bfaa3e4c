import { beforeEach, describe, expect, it } from "vitest";
import { replaceKeys, TokenKeys } from "../../../lib/auth/tokens/token-keys.ts";
import type { RecordStore } from "../../../lib/ports/record-store.ts";
import { clocksOf, createMemoryRegistry, type MemoryRegistry } from "../../support/memory.ts";

const DAY_SECONDS = 86_400;
const LEAD_SECONDS = 60;
const SIGNING_FRESH_SECONDS = 600;
const READ_PAUSE_SECONDS = 10;

let memory: MemoryRegistry;
let queries: number;
let records: RecordStore;
beforeEach(() => {
  memory = createMemoryRegistry();
  queries = 0;
  records = {
    ...memory.records,
    query: async (prefix, options) => {
      queries += 1;
      return await memory.records.query(prefix, options);
    },
  };
});

const newKeys = () => new TokenKeys({ records, ...clocksOf(memory.clock) });
const signingKid = async () => (await newKeys().getSigningKey()).kid;
const canVerify = async (kid: string) => (await newKeys().findVerificationKey(kid)) !== undefined;

describe("the signing key", () => {
  it("is created once, with a sequence number", async () => {
    expect(await signingKid()).toBe("00000001");
    expect(await signingKid()).toBe("00000001");
  });

  it("is replaced after 30 days by a key that starts signing a minute later", async () => {
    await signingKid();
    memory.clock.advance(30 * DAY_SECONDS - 1);
    expect(await signingKid()).toBe("00000001");
    memory.clock.advance(1);
    expect(await signingKid()).toBe("00000001");
    expect(await canVerify("00000002")).toBe(true);
    memory.clock.advance(LEAD_SECONDS - 1);
    expect(await signingKid()).toBe("00000001");
    memory.clock.advance(1);
    expect(await signingKid()).toBe("00000002");
  });

  it("is not created when the store fails, and the error is rethrown", async () => {
    let failures = 1;
    const write: RecordStore["write"] = async (changes) => {
      if (failures-- > 0) throw new Error("no network");
      await records.write(changes);
    };
    const keys = new TokenKeys({ records: { ...records, write }, ...clocksOf(memory.clock) });
    await expect(keys.getSigningKey()).rejects.toThrow("no network");
    expect((await keys.getSigningKey()).kid).toBe("00000001");
  });

  it("is read again after ten minutes", async () => {
    const keys = newKeys();
    await keys.getSigningKey();
    const before = queries;
    memory.clock.advance(SIGNING_FRESH_SECONDS - 1);
    await keys.getSigningKey();
    expect(queries).toBe(before);
    memory.clock.advance(1);
    await keys.getSigningKey();
    expect(queries).toBe(before + 1);
  });
});

describe("a verification key", () => {
  it("is kept for 100 days after the next key was created, and then deleted", async () => {
    await signingKid();
    memory.clock.advance(30 * DAY_SECONDS);
    await signingKid();
    for (let days = 30; days <= 90; days += 30) {
      memory.clock.advance(30 * DAY_SECONDS);
      await signingKid();
      expect(await canVerify("00000001")).toBe(true);
    }
    memory.clock.advance(30 * DAY_SECONDS);
    await signingKid();
    expect(await canVerify("00000001")).toBe(false);
    expect(await canVerify("00000002")).toBe(true);
  });

  it("is still kept exactly 100 days after the next key was created", async () => {
    await signingKid();
    memory.clock.advance(30 * DAY_SECONDS);
    await signingKid();
    memory.clock.advance(100 * DAY_SECONDS);
    await signingKid();
    expect(await canVerify("00000001")).toBe(true);
  });

  it("is read at most every ten seconds when it is unknown", async () => {
    await signingKid();
    const keys = newKeys();
    expect(await keys.findVerificationKey("00000001")).toBeDefined();
    const before = queries;
    expect(await keys.findVerificationKey("00000009")).toBeUndefined();
    memory.clock.advance(READ_PAUSE_SECONDS - 1);
    expect(await keys.findVerificationKey("00000009")).toBeUndefined();
    expect(queries).toBe(before);
    memory.clock.advance(1);
    expect(await keys.findVerificationKey("00000009")).toBeUndefined();
    expect(queries).toBe(before + 1);
    expect(await keys.findVerificationKey("00000001")).toBeDefined();
  });

  it("is read again immediately after a failure of the store", async () => {
    await signingKid();
    let isBroken = true;
    const broken: RecordStore = {
      ...records,
      query: async (prefix, options) => {
        if (isBroken) throw new Error("no network");
        return await records.query(prefix, options);
      },
    };
    const keys = new TokenKeys({ records: broken, ...clocksOf(memory.clock) });
    await expect(keys.findVerificationKey("00000001")).rejects.toThrow("no network");
    isBroken = false;
    expect(await keys.findVerificationKey("00000001")).toBeDefined();
  });

  it("is deleted with all others when the keys are replaced", async () => {
    await signingKid();
    await replaceKeys(records, memory.clock.now());
    expect(await canVerify("00000001")).toBe(false);
    expect(await signingKid()).toBe("00000002");
  });
});
