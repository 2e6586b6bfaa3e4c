import { beforeEach, describe, expect, it } from "vitest";
import { replaceKeys, TokenKeys } from "../../../lib/auth/tokens/token-keys.ts";
import type { RecordStore } from "../../../lib/ports/record-store.ts";
import { clocksOf, type MemoryRegistry, memoryRegistry } from "../../support/memory.ts";

const DAY = 86_400;
const LEAD = 60;
const FRESH = 600;
const PAUSE = 10;

let memory: MemoryRegistry;
let queries: number;
let records: RecordStore;
beforeEach(() => {
  memory = memoryRegistry();
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
const signingKid = async () => (await newKeys().signing()).kid;
const verifies = async (kid: string) => (await newKeys().verifying(kid)) !== undefined;

describe("the key that signs", () => {
  it("is made once, and numbered", async () => {
    expect(await signingKid()).toBe("00000001");
    expect(await signingKid()).toBe("00000001");
  });

  it("is another after 30 days, which begins a minute later", async () => {
    await signingKid();
    memory.clock.advance(30 * DAY - 1);
    expect(await signingKid()).toBe("00000001");
    memory.clock.advance(1);
    expect(await signingKid()).toBe("00000001");
    expect(await verifies("00000002")).toBe(true);
    memory.clock.advance(LEAD - 1);
    expect(await signingKid()).toBe("00000001");
    memory.clock.advance(1);
    expect(await signingKid()).toBe("00000002");
  });

  it("is looked for again after ten minutes", async () => {
    const keys = newKeys();
    await keys.signing();
    const before = queries;
    memory.clock.advance(FRESH - 1);
    await keys.signing();
    expect(queries).toBe(before);
    memory.clock.advance(1);
    await keys.signing();
    expect(queries).toBe(before + 1);
  });
});

describe("a key that verifies", () => {
  it("does so for 100 days after the next one was made, and is removed then", async () => {
    await signingKid();
    memory.clock.advance(30 * DAY);
    await signingKid();
    for (let days = 30; days <= 90; days += 30) {
      memory.clock.advance(30 * DAY);
      await signingKid();
      expect(await verifies("00000001")).toBe(true);
    }
    memory.clock.advance(30 * DAY);
    await signingKid();
    expect(await verifies("00000001")).toBe(false);
    expect(await verifies("00000002")).toBe(true);
  });

  it("is looked for at most every ten seconds when it is unknown", async () => {
    await signingKid();
    const keys = newKeys();
    expect(await keys.verifying("00000001")).toBeDefined();
    const before = queries;
    expect(await keys.verifying("00000009")).toBeUndefined();
    memory.clock.advance(PAUSE - 1);
    expect(await keys.verifying("00000009")).toBeUndefined();
    expect(queries).toBe(before);
    memory.clock.advance(1);
    expect(await keys.verifying("00000009")).toBeUndefined();
    expect(queries).toBe(before + 1);
    expect(await keys.verifying("00000001")).toBeDefined();
  });

  it("is looked for again at once after the store failed", async () => {
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
    await expect(keys.verifying("00000001")).rejects.toThrow("no network");
    isBroken = false;
    expect(await keys.verifying("00000001")).toBeDefined();
  });

  it("is gone with all others once they are replaced", async () => {
    await signingKid();
    await replaceKeys(records, memory.clock.now());
    expect(await verifies("00000001")).toBe(false);
    expect(await signingKid()).toBe("00000002");
  });
});
