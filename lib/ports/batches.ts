import {
  type Change,
  ConditionFailedError,
  type Entry,
  type Key,
  keyOf,
  MAX_BATCH,
  type QueryOptions,
  type RecordStore,
} from "./record-store.ts";

/** Writes in batches, each of which is atomic. */
export async function writeBatches(records: RecordStore, changes: readonly Change[]): Promise<void> {
  for (const batch of inBatches(changes)) await records.write(batch);
}

/** Writes in batches, skipping changes whose condition fails. */
export async function writeSkippingConflicts(
  records: RecordStore,
  changes: readonly Change[],
): Promise<void> {
  for (const batch of inBatches(changes)) await writeBatchSkippingConflicts(records, batch);
}

async function writeBatchSkippingConflicts(records: RecordStore, batch: readonly Change[]): Promise<void> {
  let rest = batch;
  while (rest.length > 0) {
    try {
      return await records.write(rest);
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) throw error;
      rest = rest.filter((change) => !error.isAbout(keyOf(change)));
    }
  }
}

/** Reads any number of records. @returns one item for each key, in the order of the keys */
export async function getAll<T>(
  records: RecordStore,
  keys: readonly Key<T>[],
): Promise<readonly (T | undefined)[]> {
  const found: (T | undefined)[] = [];
  for (const batch of inBatches(keys)) found.push(...(await records.getMany(batch)));
  return found;
}

/** Reads all records below a prefix, page by page. */
export async function* queryAll<T>(records: RecordStore, prefix: Key<T>): AsyncGenerator<Entry<T>> {
  yield* readPages(
    prefix,
    (options) => records.query(prefix, options),
    ({ key }) => key.sort,
  );
}

/** Reads the keys of all records below a prefix, page by page. */
export async function* queryAllKeys<T>(records: RecordStore, prefix: Key<T>): AsyncGenerator<Key<T>> {
  yield* readPages(
    prefix,
    (options) => records.queryKeys(prefix, options),
    ({ sort }) => sort,
  );
}

const PAGE_ITEMS = 1000;

/** Reads pages until one is not full. @param read returns the page of items after a sort key */
async function* readPages<Item>(
  { sort }: Key<unknown>,
  read: (options: QueryOptions) => Promise<readonly Item[]>,
  sortOf: (item: Item) => string,
): AsyncGenerator<Item> {
  let after = sort;
  for (;;) {
    const page = await read({ after, limit: PAGE_ITEMS });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ITEMS) return;
    after = sortOf(last);
  }
}

/** Divides items into batches of a size. */
export function* inBatches<T>(items: readonly T[], size = MAX_BATCH): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
