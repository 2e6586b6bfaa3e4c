import fc from "fast-check";
import { expect, it } from "vitest";
import { type Change, check, type Key, put, remove } from "../../../../lib/ports/record-store.ts";
import { MemoryRecords } from "../../../../lib/storage/memory/records.ts";
import { type Fields, isWritten, type RecordsContext } from "./records-context.ts";

/** Compares the store with the in-memory reference implementation on random writes. */
export function recordModel(context: RecordsContext): void {
  it("behaves like the in-memory store for any sequence of writes", async () => {
    const sort = fc.constantFrom("a", "ab", "b");
    const value = fc.record({ n: fc.nat(1) });
    const condition = fc.oneof(
      fc.constant(undefined),
      fc.constantFrom("absent", "present"),
      fc.record({ where: value }),
    );
    const step = fc.record({ kind: fc.constantFrom("put", "remove", "check"), sort, value, condition });
    const write = fc.uniqueArray(step, { minLength: 1, maxLength: 3, selector: (item) => item.sort });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 6 }), async (writes) => {
        const [key, model] = [context.keys(), new MemoryRecords()];
        for (const steps of writes) {
          const changes = steps.map((item) => toChange(key, item));
          expect(await isWritten(context.store.write(changes))).toBe(await isWritten(model.write(changes)));
        }
        const all = { limit: 99 };
        expect(await context.store.query(key(""), all)).toEqual(await model.query(key(""), all));
      }),
      { numRuns: 50 },
    );
  });
}

interface Step {
  readonly kind: "put" | "remove" | "check";
  readonly sort: string;
  readonly value: Fields;
  readonly condition: "absent" | "present" | { readonly where: Fields } | undefined;
}

function toChange(key: (sort: string) => Key<Fields>, { kind, sort, value, condition }: Step): Change {
  if (kind === "put") return put(key(sort), value, condition);
  return kind === "remove" ? remove(key(sort), condition) : check(key(sort), condition ?? "present");
}
