import { describe, expect, it } from "vitest";
import { check, put } from "../../../../lib/ports/record-store.ts";
import { type RecordsLab, sortsOf, wins } from "./lab.ts";

/** Guarantees for concurrent writes. */
export function recordRaces(lab: RecordsLab): void {
  describe("concurrent writes", () => {
    it("that require a record to be absent: exactly one succeeds", async () => {
      const key = lab.keys()("a");
      const numbers = Array.from({ length: 20 }, (_, index) => index);
      const outcomes = await Promise.all(
        numbers.map((n) => wins(lab.store.write([put(key, { n }, "absent")]))),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await lab.store.get(key)).toEqual({ n: outcomes.indexOf(true) });
    });

    it("that require the value they have read: none is lost", async () => {
      const key = lab.keys()("a");
      await lab.store.write([put(key, { n: 0 })]);
      const increment = async (): Promise<void> => {
        const n = Number((await lab.store.get(key))?.["n"]);
        if (!(await wins(lab.store.write([put(key, { n: n + 1 }, { where: { n } })])))) await increment();
      };
      await Promise.all(Array.from({ length: 8 }, increment));
      expect(await lab.store.get(key)).toEqual({ n: 8 });
    });

    it("without conditions: all succeed, and the last has written all of its records", async () => {
      const key = lab.keys();
      const numbers = Array.from({ length: 10 }, (_, index) => index);
      await Promise.all(
        numbers.map((n) => lab.store.write(["a", "b", "c"].map((sort) => put(key(sort), { n })))),
      );
      const [a, b, c] = await lab.store.getMany(["a", "b", "c"].map(key));
      expect([b, c]).toEqual([a, a]);
      expect(numbers).toContain(a?.["n"]);
    });

    it("to overlapping records: each writes all of its records or none", async () => {
      const key = lab.keys();
      const sorts = ["a", "b", "c", "d", "e"];
      const pairs = sorts.map((sort, index) => [sort, sorts[(index + 1) % sorts.length] ?? ""]);
      const outcomes = await Promise.all(
        pairs.map((pair) =>
          wins(lab.store.write(pair.map((sort) => put(key(sort), { by: pair.join("") }, "absent")))),
        ),
      );
      const won = pairs.filter((_, index) => outcomes[index]);
      expect(won.length).toBeGreaterThan(0);
      const stored = await lab.store.query(key(""), { limit: 9 });
      const expected = won.flatMap((pair) => pair.map((sort) => [sort, pair.join("")]));
      expect(stored.map(({ key: { sort }, value }) => [sort, value["by"]])).toEqual(expected.sort());
    });

    it("that only check a record do not conflict", async () => {
      const key = lab.keys();
      await lab.store.write([put(key("a"), { n: 1 })]);
      const checked = (sort: string) => lab.store.write([check(key("a"), "present"), put(key(sort), {})]);
      await Promise.all(["b", "c", "d", "e"].map(checked));
      expect(sortsOf(await lab.store.query(key(""), { limit: 9 }))).toEqual(["a", "b", "c", "d", "e"]);
    });
  });
}
