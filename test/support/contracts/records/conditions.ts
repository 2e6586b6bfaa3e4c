import { describe, expect, it } from "vitest";
import { ConditionFailedError, check, MAX_BATCH, put, remove } from "../../../../lib/ports/record-store.ts";
import { type RecordsContext, sortsOf } from "./records-context.ts";

/** Conditions and atomicity of writes. */
export function recordConditions(context: RecordsContext): void {
  describe("a condition", () => {
    const there = { text: "a", number: 1, truth: false };

    it.each<[string, object | undefined, "absent" | "present" | { where: object }, boolean]>([
      ["absent", undefined, "absent", true],
      ["absent", there, "absent", false],
      ["present", there, "present", true],
      ["present", undefined, "present", false],
      ["when a text is equal", there, { where: { text: "a" } }, true],
      ["when a text is equal", there, { where: { text: "b" } }, false],
      ["when a number is equal", there, { where: { number: 1 } }, true],
      ["when a number is equal", there, { where: { number: 2 } }, false],
      ["when a number is equal", there, { where: { number: "1" } }, false],
      ["when a boolean is equal", there, { where: { truth: false } }, true],
      ["when a boolean is equal", there, { where: { truth: true } }, false],
      ["when all fields are equal", there, { where: { text: "a", number: 1 } }, true],
      ["when all fields are equal", there, { where: { text: "a", number: 2 } }, false],
      ["when a missing field is equal", there, { where: { other: "a" } }, false],
      ["when a field of a missing record is equal", undefined, { where: { text: "a" } }, false],
      [
        "when a field is equal whose name is reserved in DynamoDB",
        { size: 1, name: "x" },
        { where: { size: 1, name: "x" } },
        true,
      ],
    ])("%s, of %j, is %j: holds? %s", async (_, stored, condition, holds) => {
      for (const kind of ["put", "remove", "check"] as const) {
        const key = context.keys();
        if (stored !== undefined) await context.store.write([put(key("a"), stored)]);
        const change = {
          put: put(key("a"), { n: 1 }, condition),
          remove: remove(key("a"), condition),
          check: check(key("a"), condition),
        }[kind];
        const written = context.store.write([change, put(key("b"), { n: 2 })]);
        if (holds) await written;
        else await expect(written).rejects.toThrow(ConditionFailedError);
        const after = { put: { n: 1 }, remove: undefined, check: stored }[kind];
        const expected = holds ? [after, { n: 2 }] : [stored, undefined];
        expect(await context.store.getMany([key("a"), key("b")])).toEqual(expected);
      }
    });

    it("holds for a single change and for several", async () => {
      const key = context.keys()("a");
      await context.store.write([put(key, { n: 1 }, "absent")]);
      const failure = await context.store
        .write([put(key, { n: 2 }, "absent")])
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ConditionFailedError);
      await context.store.write([check(key, { where: { n: 1 } })]);
      await context.store.write([remove(key, { where: { n: 1 } })]);
      await expect(context.store.write([remove(key, "present")])).rejects.toThrow(ConditionFailedError);
    });

    it("that fails is reported by its key, without the others", async () => {
      const key = context.keys();
      await context.fill(key, ["a", "b", "c"]);
      const changes = [
        put(key("a"), {}, "absent"),
        remove(key("b"), "present"),
        check(key("c"), { where: { sort: "x" } }),
        put(key("d"), {}),
      ];
      const failure = await context.store.write(changes).catch((error: unknown) => error);
      if (!(failure instanceof ConditionFailedError)) throw failure;
      expect(["a", "b", "c", "d"].filter((sort) => failure.isAbout(key(sort)))).toEqual(["a", "c"]);
      expect(failure.isAbout(context.keys()("a"))).toBe(false);
    });
  });

  describe("a write", () => {
    it("changes as many records as a batch allows, in several partitions", async () => {
      const [first, second] = [context.keys(), context.keys()];
      const sorts = Array.from({ length: MAX_BATCH / 2 }, (_, index) => `k${index + 100}`);
      await context.store.write(
        sorts.flatMap((sort) => [put(first(sort), { sort }), put(second(sort), { sort })]),
      );
      expect(sortsOf(await context.store.query(first(""), { limit: 999 }))).toEqual(sorts);
      await context.store.write(
        sorts.flatMap((sort) => [remove(first(sort)), check(second(sort), "present")]),
      );
      expect(await context.store.query(first(""), { limit: 999 })).toEqual([]);
    });

    it("changes nothing when one of many conditions fails", async () => {
      const key = context.keys();
      await context.fill(key, ["gone", "kept"]);
      const puts = Array.from({ length: MAX_BATCH - 2 }, (_, index) => put(key(`new${index}`), {}));
      const changes = [...puts, remove(key("gone")), put(key("kept"), {}, "absent")];
      await expect(context.store.write(changes)).rejects.toThrow(ConditionFailedError);
      expect(sortsOf(await context.store.query(key(""), { limit: 999 }))).toEqual(["gone", "kept"]);
    });
  });
}
