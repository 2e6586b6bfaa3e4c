import { setImmediate } from "node:timers/promises";

/** Number of items checked without yielding: less than a millisecond of work. */
const SLICE_ITEMS = 250;

/** Filters a long list in slices, yielding to the event loop between slices. */
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
