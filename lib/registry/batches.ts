import { type Change, type Entry, type Key, MAX_BATCH, type RecordStore } from "./ports.ts";

/** Writes in batches that are atomic each, but not together. */
export async function writeBatches(records: RecordStore, changes: readonly Change[]): Promise<void> {
  for (const batch of inBatches(changes)) await records.write(batch);
}

export async function getAll<T>(
  records: RecordStore,
  keys: readonly Key<T>[],
): Promise<readonly (T | undefined)[]> {
  const found: (T | undefined)[] = [];
  for (const batch of inBatches(keys)) found.push(...(await records.getMany(batch)));
  return found;
}

/** All records below a prefix, a page at a time. */
export async function* queryAll<T>(records: RecordStore, prefix: Key<T>): AsyncGenerator<Entry<T>> {
  const limit = 1000;
  let after = prefix.sort;
  for (;;) {
    const page = await records.query(prefix, { after, limit });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    after = last.key.sort;
  }
}

function* inBatches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += MAX_BATCH) yield items.slice(start, start + MAX_BATCH);
}
