import { describe, expect, it } from "vitest";
import { ConditionFailedError, check, put } from "../../../../lib/ports/record-store.ts";
import { bytesOf, type Fields, type RecordsContext } from "./records-context.ts";

/** Types of fields. */
export function recordFields(context: RecordsContext): void {
  describe("a record's fields", () => {
    it.each<[string, Fields]>([
      ["none", {}],
      ["text", { text: "a", empty: "", beyond: 'é😀\u0000\n"#' }],
      ["numbers", { zero: 0, negative: -1, large: Number.MAX_SAFE_INTEGER, fraction: 0.5 }],
      ["truth", { yes: true, no: false }],
      ["lists", { list: ["a", 1, [true]], empty: [] }],
      ["nested fields", { inner: { a: { b: "c" } }, empty: {} }],
      ["fields with any name", { "a.b": 1, "a#b": 2, size: 3, name: 4, "org.opencontainers.x": 5 }],
    ])("are unchanged after a round trip: %s", async (_, value) => {
      const key = context.keys()("a");
      await context.store.write([put(key, value)]);
      expect(await context.store.get(key)).toEqual(value);
    });

    /** Twice the bytes, near the maximum of 400 KB of a record. */
    it.each([0, 1, 255, 200_000])("are unchanged after a round trip: %d bytes", async (length) => {
      const key = context.keys()("a");
      const body = Uint8Array.from({ length }, (_, index) => index % 251);
      await context.store.write([put(key, { body, inner: { body } })]);
      const value = await context.store.get(key);
      expect(Buffer.compare(bytesOf(value, "body"), body)).toBe(0);
      expect(value?.["body"]).toBeInstanceOf(Uint8Array);
    });

    it("are unchanged after a round trip: a text of 300 KB", async () => {
      const key = context.keys()("a");
      const text = "0123456789".repeat(30_000);
      await context.store.write([put(key, { text })]);
      expect((await context.store.get(key))?.["text"]).toBe(text);
    });

    it("are absent when they are undefined", async () => {
      const key = context.keys();
      await context.store.write([put(key("a"), { n: 1, none: undefined, inner: { none: undefined } })]);
      expect(await context.store.get(key("a"))).toEqual({ n: 1, inner: {} });
      const where = { where: { none: "something" } };
      await expect(context.store.write([check(key("a"), where)])).rejects.toThrow(ConditionFailedError);
    });

    it("are unchanged when bytes of another record are read", async () => {
      const key = context.keys();
      await context.store.write(
        ["a", "b"].map((sort) => put(key(sort), { body: Buffer.from(sort.repeat(5000)) })),
      );
      const a = await context.store.get(key("a"));
      const b = await context.store.get(key("b"));
      expect([bytesOf(a, "body")[4999], bytesOf(b, "body")[4999]]).toEqual([97, 98]);
    });

    it("are copied, so that changes to a written or read object have no effect", async () => {
      const key = context.keys()("a");
      const body = Buffer.from([1, 2, 3]);
      await context.store.write([put(key, { body })]);
      body.fill(0);
      const read = (await context.store.get(key))?.["body"];
      if (read instanceof Uint8Array) read.fill(9);
      expect(bytesOf(await context.store.get(key), "body")).toEqual(Uint8Array.of(1, 2, 3));
    });
  });
}
