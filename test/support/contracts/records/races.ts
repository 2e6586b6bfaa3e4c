import { describe, expect, it } from "vitest";
import { check, put } from "../../../../lib/ports/record-store.ts";
import { isWritten, type RecordsContext, sortsOf } from "./records-context.ts";

/** Guarantees for concurrent writes. */
export function recordRaces(context: RecordsContext): void {
  describe("concurrent writes", () => {
    it("that require a record to be absent: exactly one succeeds", async () => {
      const key = context.keys()("a");
      const numbers = Array.from({ length: 20 }, (_, index) => index);
      const outcomes = await Promise.all(
        numbers.map((n) => isWritten(context.store.write([put(key, { n }, "absent")]))),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await context.store.get(key)).toEqual({ n: outcomes.indexOf(true) });
    });

    it("that require the value previously read: no update is lost", async () => {
      const key = context.keys()("a");
      await context.store.write([put(key, { n: 0 })]);
      const increment = async (): Promise<void> => {
        const n = Number((await context.store.get(key))?.["n"]);
        if (!(await isWritten(context.store.write([put(key, { n: n + 1 }, { where: { n } })]))))
          await increment();
      };
      await Promise.all(Array.from({ length: 8 }, increment));
      expect(await context.store.get(key)).toEqual({ n: 8 });
    });

    it("without conditions: all succeed, and the last has written all of its records", async () => {
      const key = context.keys();
      const numbers = Array.from({ length: 10 }, (_, index) => index);
      await Promise.all(
        numbers.map((n) => context.store.write(["a", "b", "c"].map((sort) => put(key(sort), { n })))),
      );
      const [a, b, c] = await context.store.getMany(["a", "b", "c"].map(key));
      expect([b, c]).toEqual([a, a]);
      expect(numbers).toContain(a?.["n"]);
    });

    it("to overlapping records: each writes all of its records or none", async () => {
      const key = context.keys();
      const sorts = ["a", "b", "c", "d", "e"];
      const pairs = sorts.map((sort, index) => [sort, sorts[(index + 1) % sorts.length] ?? ""]);
      const outcomes = await Promise.all(
        pairs.map((pair) =>
          isWritten(context.store.write(pair.map((sort) => put(key(sort), { by: pair.join("") }, "absent")))),
        ),
      );
      const won = pairs.filter((_, index) => outcomes[index]);
      expect(won.length).toBeGreaterThan(0);
      const stored = await context.store.query(key(""), { limit: 9 });
      const expected = won.flatMap((pair) => pair.map((sort) => [sort, pair.join("")]));
      expect(stored.map(({ key: { sort }, value }) => [sort, value["by"]])).toEqual(expected.sort());
    });

    it("that only check a record do not conflict", async () => {
      const key = context.keys();
      await context.store.write([put(key("a"), { n: 1 })]);
      const checked = (sort: string) => context.store.write([check(key("a"), "present"), put(key(sort), {})]);
      await Promise.all(["b", "c", "d", "e"].map(checked));
      expect(sortsOf(await context.store.query(key(""), { limit: 9 }))).toEqual(["a", "b", "c", "d", "e"]);
    });
  });
}
