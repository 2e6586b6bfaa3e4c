import { setImmediate } from "node:timers/promises";

/** Items that are checked without a break: less than a millisecond of work. */
const SLICE_ITEMS = 250;

/** Filters a long list. Other work of the process runs between two slices of it. */
export async function filterInSlices<T>(
  items: readonly T[],
  isKept: (item: T) => boolean,
): Promise<readonly T[]> {
  const kept: T[] = [];
  for (let start = 0; start < items.length; start += SLICE_ITEMS) {
    if (start > 0) await setImmediate();
    for (const item of items.slice(start, start + SLICE_ITEMS)) if (isKept(item)) kept.push(item);
  }
  return kept;
}
