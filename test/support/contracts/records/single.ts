import { describe, expect, it } from "vitest";
import { ConditionFailedError, put, remove } from "../../../../lib/ports/record-store.ts";
import { bytesOf, type RecordsContext, sortsOf } from "./records-context.ts";

/** Guarantees for single records. */
export function singleRecords(context: RecordsContext): void {
  describe("a record", () => {
    it("is undefined before it is written", async () => {
      expect(await context.store.get(context.keys()("a"))).toBeUndefined();
    });

    it("can be read as soon as it is written", async () => {
      const key = context.keys()("a");
      await context.store.write([put(key, { n: 1 })]);
      expect(await context.store.get(key)).toEqual({ n: 1 });
    });

    it("can be read as soon as it is written, among many concurrent writes", async () => {
      const key = context.keys();
      const writeAndRead = async (sort: string) => {
        await context.store.write([put(key(sort), { sort })]);
        return await context.store.get(key(sort));
      };
      const sorts = Array.from({ length: 20 }, (_, index) => `k${index}`);
      expect(await Promise.all(sorts.map(writeAndRead))).toEqual(sorts.map((sort) => ({ sort })));
    });

    it("is replaced completely, not merged", async () => {
      const key = context.keys()("a");
      await context.store.write([put(key, { old: 1, both: 1 })]);
      await context.store.write([put(key, { both: 2 })]);
      expect(Object.entries((await context.store.get(key)) ?? {})).toEqual([["both", 2]]);
    });

    it("is undefined after it is removed", async () => {
      const key = context.keys()("a");
      await context.store.write([put(key, { n: 1 })]);
      await context.store.write([remove(key)]);
      expect(await context.store.get(key)).toBeUndefined();
    });

    it("can be removed even if it does not exist", async () => {
      const key = context.keys();
      await context.store.write([remove(key("a")), put(key("b"), { n: 1 })]);
      expect(await context.store.getMany([key("a"), key("b")])).toEqual([undefined, { n: 1 }]);
    });

    it("persists in another instance of the store", async () => {
      const key = context.keys();
      await context.store.write([put(key("a"), { n: 1, bytes: Buffer.from([1, 2]) })]);
      await context.reopen();
      expect(bytesOf(await context.store.get(key("a")), "bytes")).toEqual(Uint8Array.of(1, 2));
      expect(sortsOf(await context.store.query(key(""), { limit: 9 }))).toEqual(["a"]);
      await expect(context.store.write([put(key("a"), { n: 2 }, "absent")])).rejects.toThrow(
        ConditionFailedError,
      );
    });

    it("does not expire before its time", async () => {
      const key = context.keys()("a");
      const soon = Math.floor(Date.now() / 1000) + 3600;
      await context.store.write([put(key, { expiresAt: soon })]);
      expect(await context.store.get(key)).toEqual({ expiresAt: soon });
    });

    it("is either deleted or complete after its expiry", async () => {
      const key = context.keys()("a");
      const past = { n: 1, expiresAt: Math.floor(Date.now() / 1000) - 3600 };
      await context.store.write([put(key, past)]);
      expect([undefined, past]).toContainEqual(await context.store.get(key));
    });

    it("can be written again after its expiry, and then does not expire", async () => {
      const key = context.keys()("a");
      await context.store.write([put(key, { expiresAt: 1 })]);
      await context.store.write([put(key, { n: 1 })]);
      expect(await context.store.get(key)).toEqual({ n: 1 });
    });
  });
}
