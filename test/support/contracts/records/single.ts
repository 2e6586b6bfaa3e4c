import { describe, expect, it } from "vitest";
import { ConditionFailedError, put, remove } from "../../../../lib/ports/record-store.ts";
import { bytesOf, type RecordsLab, sortsOf } from "./lab.ts";

/** Guarantees for single records. */
export function singleRecords(lab: RecordsLab): void {
  describe("a record", () => {
    it("is undefined before it is written", async () => {
      expect(await lab.store.get(lab.keys()("a"))).toBeUndefined();
    });

    it("can be read as soon as it is written", async () => {
      const key = lab.keys()("a");
      await lab.store.write([put(key, { n: 1 })]);
      expect(await lab.store.get(key)).toEqual({ n: 1 });
    });

    it("can be read as soon as it is written, among many concurrent writes", async () => {
      const key = lab.keys();
      const writeAndRead = async (sort: string) => {
        await lab.store.write([put(key(sort), { sort })]);
        return await lab.store.get(key(sort));
      };
      const sorts = Array.from({ length: 20 }, (_, index) => `k${index}`);
      expect(await Promise.all(sorts.map(writeAndRead))).toEqual(sorts.map((sort) => ({ sort })));
    });

    it("is replaced completely, not merged", async () => {
      const key = lab.keys()("a");
      await lab.store.write([put(key, { old: 1, both: 1 })]);
      await lab.store.write([put(key, { both: 2 })]);
      expect(Object.entries((await lab.store.get(key)) ?? {})).toEqual([["both", 2]]);
    });

    it("is undefined after it is removed", async () => {
      const key = lab.keys()("a");
      await lab.store.write([put(key, { n: 1 })]);
      await lab.store.write([remove(key)]);
      expect(await lab.store.get(key)).toBeUndefined();
    });

    it("can be removed even if it does not exist", async () => {
      const key = lab.keys();
      await lab.store.write([remove(key("a")), put(key("b"), { n: 1 })]);
      expect(await lab.store.getMany([key("a"), key("b")])).toEqual([undefined, { n: 1 }]);
    });

    it("persists in another instance of the store", async () => {
      const key = lab.keys();
      await lab.store.write([put(key("a"), { n: 1, bytes: Buffer.from([1, 2]) })]);
      await lab.reopen();
      expect(bytesOf(await lab.store.get(key("a")), "bytes")).toEqual(Uint8Array.of(1, 2));
      expect(sortsOf(await lab.store.query(key(""), { limit: 9 }))).toEqual(["a"]);
      await expect(lab.store.write([put(key("a"), { n: 2 }, "absent")])).rejects.toThrow(
        ConditionFailedError,
      );
    });

    it("does not expire before its time", async () => {
      const key = lab.keys()("a");
      const soon = Math.floor(Date.now() / 1000) + 3600;
      await lab.store.write([put(key, { expiresAt: soon })]);
      expect(await lab.store.get(key)).toEqual({ expiresAt: soon });
    });

    it("is either deleted or complete after its expiry", async () => {
      const key = lab.keys()("a");
      const past = { n: 1, expiresAt: Math.floor(Date.now() / 1000) - 3600 };
      await lab.store.write([put(key, past)]);
      expect([undefined, past]).toContainEqual(await lab.store.get(key));
    });

    it("can be written again after its expiry, and then does not expire", async () => {
      const key = lab.keys()("a");
      await lab.store.write([put(key, { expiresAt: 1 })]);
      await lab.store.write([put(key, { n: 1 })]);
      expect(await lab.store.get(key)).toEqual({ n: 1 });
    });
  });
}
