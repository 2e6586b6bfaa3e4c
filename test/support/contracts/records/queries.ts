import { describe, expect, it } from "vitest";
import { MAX_BATCH, put, remove } from "../../../../lib/ports/record-store.ts";
import { bytesOf, type Fields, type RecordsContext, sortsOf } from "./records-context.ts";

/** Contract for reads of several records. */
export function recordQueries(context: RecordsContext): void {
  describe("many records", () => {
    it("are returned in the order of the keys, with undefined for missing ones", async () => {
      const key = context.keys();
      await context.fill(key, ["a", "b", "c"]);
      const found = await context.store.getMany(["c", "x", "a", "b", "y"].map(key));
      expect(found).toEqual([{ sort: "c" }, undefined, { sort: "a" }, { sort: "b" }, undefined]);
    });

    it("can belong to several partitions", async () => {
      const [first, second] = [context.keys(), context.keys()];
      await context.store.write([put(first("a"), { n: 1 }), put(second("a"), { n: 2 })]);
      expect(await context.store.getMany([second("a"), first("a")])).toEqual([{ n: 2 }, { n: 1 }]);
    });

    it("are an empty list when no keys are given", async () => {
      expect(await context.store.getMany([])).toEqual([]);
    });

    it("can fill a batch, even when each is large", async () => {
      const key = context.keys();
      const sorts = Array.from({ length: MAX_BATCH }, (_, index) => `k${index}`);
      const body = Buffer.alloc(300_000, 7);
      for (let start = 0; start < sorts.length; start += 10) {
        await context.store.write(
          sorts.slice(start, start + 10).map((sort) => put(key(sort), { sort, body })),
        );
      }
      const found = await context.store.getMany(sorts.map(key));
      expect(found.map((value) => value?.["sort"])).toEqual(sorts);
      expect(found.map((value) => bytesOf(value, "body").length)).toEqual(sorts.map(() => 300_000));
    });
  });

  describe("a query", () => {
    it("finds nothing in a partition without records", async () => {
      expect(await context.store.query(context.keys()(""), { limit: 10 })).toEqual([]);
    });

    it("returns keys and values, in the order of the keys' bytes", async () => {
      const key = context.keys();
      await context.fill(key, ["b", "a", "c"]);
      expect(await context.store.query(key(""), { limit: 10 })).toEqual(
        ["a", "b", "c"].map((sort) => ({ key: key(sort), value: { sort } })),
      );
    });

    it("orders capitals, digits and punctuation by bytes", async () => {
      const key = context.keys();
      const ordered = ["#", "-", ".", "10", "2", "A", "B", "_", "a", "a#", "a-", "a.b", "a/b", "aa", "b"];
      await context.fill(key, [...ordered].reverse());
      expect(sortsOf(await context.store.query(key(""), { limit: 99 }))).toEqual(ordered);
    });

    it("orders letters beyond ASCII as UTF-8, not as UTF-16", async () => {
      const key = context.keys();
      const ordered = ["z", "é", "\uffee", "😀"];
      await context.fill(key, ["😀", "z", "\uffee", "é"]);
      expect(sortsOf(await context.store.query(key(""), { limit: 99 }))).toEqual(ordered);
      expect(sortsOf(await context.store.query(key(""), { after: "\uffee", limit: 99 }))).toEqual(["😀"]);
    });

    it("returns only records with the prefix", async () => {
      const key = context.keys();
      await context.fill(key, [
        "tag",
        "tag#",
        "tag#a",
        "tag#ab",
        "tag$",
        "tagg",
        "ta",
        "TAG#a",
        "manifest#tag#",
      ]);
      const found = await context.store.query(key("tag#"), { limit: 99 });
      expect(sortsOf(found)).toEqual(["tag#", "tag#a", "tag#ab"]);
    });

    it("returns only keys of the partition, even when its name is a prefix of another", async () => {
      const partition = context.newPartition();
      const others = [`${partition}b`, `${partition}/b`, `${partition}#`, partition.slice(0, -1)];
      await context.store.write(
        [...others, partition].map((name) => put({ partition: name, sort: "a" }, { name })),
      );
      const found = await context.store.query<Fields>({ partition, sort: "" }, { limit: 99 });
      expect(found.map(({ value }) => value)).toEqual([{ name: partition }]);
    });

    it.each<[string, string | undefined, readonly string[]]>([
      ["from the beginning", undefined, ["p#a", "p#ab", "p#c"]],
      ["after an empty key", "", ["p#a", "p#ab", "p#c"]],
      ["after a key before the prefix", "o#z", ["p#a", "p#ab", "p#c"]],
      ["after the prefix", "p#", ["p#a", "p#ab", "p#c"]],
      ["after a key", "p#a", ["p#ab", "p#c"]],
      ["after a missing key", "p#b", ["p#c"]],
      ["after a missing key that has an existing key as its prefix", "p#aa", ["p#ab", "p#c"]],
      ["after the last key", "p#c", []],
      ["after a key beyond the prefix", "q", []],
    ])("continues %s", async (_, after, expected) => {
      const key = context.keys();
      await context.fill(key, ["o#a", "p#a", "p#ab", "p#c", "q#a"]);
      const options = after === undefined ? { limit: 99 } : { after, limit: 99 };
      expect(sortsOf(await context.store.query(key("p#"), options))).toEqual(expected);
    });

    it.each([1, 2, 3, 4])("returns no more than its limit of %d", async (limit) => {
      const key = context.keys();
      await context.fill(key, ["a", "b", "c"]);
      expect(sortsOf(await context.store.query(key(""), { limit }))).toEqual(["a", "b", "c"].slice(0, limit));
    });

    it("returns a page of two thousand, and then the next page", async () => {
      const key = context.keys();
      const sorts = Array.from({ length: 2500 }, (_, index) => `tag#${String(index).padStart(5, "0")}`);
      await context.fill(key, sorts);
      const first = await context.store.query(key("tag#"), { limit: 2000 });
      expect(sortsOf(first)).toEqual(sorts.slice(0, 2000));
      const after = first.at(-1)?.key.sort ?? "";
      expect(sortsOf(await context.store.query(key("tag#"), { after, limit: 2000 }))).toEqual(
        sorts.slice(2000),
      );
    });

    it("returns a complete page even when its records are large", async () => {
      const key = context.keys();
      const sorts = Array.from({ length: 12 }, (_, index) => `k${index + 10}`);
      const body = Buffer.alloc(300_000, 1);
      for (const sort of sorts) await context.store.write([put(key(sort), { body })]);
      expect(sortsOf(await context.store.query(key("k"), { limit: 12 }))).toEqual(sorts);
    });

    it.each<[string, string | undefined, number]>([
      ["p#", undefined, 99],
      ["p#", undefined, 2],
      ["p#", "p#a", 99],
      ["p#", "p#aa", 1],
      ["p#", "o#z", 99],
      ["p#", "q", 99],
      ["", undefined, 99],
      ["nothing", undefined, 99],
    ])("of keys returns the keys below %j after %j, at most %i", async (prefix, after, limit) => {
      const key = context.keys();
      await context.fill(key, ["o#a", "p#a", "p#ab", "p#c", "q#a"]);
      const options = after === undefined ? { limit } : { after, limit };
      const entries = await context.store.query(key(prefix), options);
      expect(await context.store.queryKeys(key(prefix), options)).toEqual(entries.map((entry) => entry.key));
    });

    it("of keys continues past pages of large records", async () => {
      const key = context.keys();
      const sorts = Array.from({ length: 12 }, (_, index) => `k${index + 10}`);
      const body = Buffer.alloc(300_000, 1);
      for (const sort of sorts) await context.store.write([put(key(sort), { body })]);
      expect(await context.store.queryKeys(key("k"), { limit: 12 })).toEqual(sorts.map(key));
    });

    it("is strongly consistent: it includes new records and excludes removed ones", async () => {
      const key = context.keys();
      await context.fill(key, ["a", "b"]);
      await context.store.write([remove(key("a")), put(key("c"), { n: 1 })]);
      expect(sortsOf(await context.store.query(key(""), { limit: 9 }))).toEqual(["b", "c"]);
    });
  });
}
