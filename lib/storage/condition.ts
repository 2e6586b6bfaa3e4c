import type { Condition } from "../ports/record-store.ts";

/** Returns whether a change's condition holds for the stored record (undefined when the record is absent). */
export function conditionHolds(condition: Condition<object> | undefined, stored: unknown): boolean {
  if (condition === undefined) return true;
  if (condition === "absent") return stored === undefined;
  if (condition === "present") return stored !== undefined;
  if (typeof stored !== "object" || stored === null) return false;
  const fields = new Map<string, unknown>(Object.entries(stored));
  return Object.entries(condition.where).every(([name, value]) => fields.get(name) === value);
}
