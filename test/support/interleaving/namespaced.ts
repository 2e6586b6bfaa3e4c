import {
  type Change,
  ConditionFailedError,
  type Key,
  type RecordStore,
} from "../../../lib/ports/record-store.ts";

/** Returns a record store within another one, which adds a prefix to all partitions. */
export function withNamespace(store: RecordStore, prefix: string): RecordStore {
  const inside = <T>(key: Key<T>): Key<T> => ({ partition: prefix + key.partition, sort: key.sort });
  const outside = <T>(key: Key<T>): Key<T> => ({
    partition: key.partition.slice(prefix.length),
    sort: key.sort,
  });
  const moved = (change: Change): Change => {
    if ("put" in change) return { ...change, put: inside(change.put) };
    return "remove" in change
      ? { ...change, remove: inside(change.remove) }
      : { ...change, check: inside(change.check) };
  };
  return {
    get: (key) => store.get(inside(key)),
    getMany: (keys) => store.getMany(keys.map(inside)),
    query: async (key, options) => {
      const entries = await store.query(inside(key), options);
      return entries.map((entry) => ({ ...entry, key: outside(entry.key) }));
    },
    queryKeys: async (key, options) => (await store.queryKeys(inside(key), options)).map(outside),
    write: async (changes) => {
      try {
        await store.write(changes.map(moved));
      } catch (error) {
        throw error instanceof ConditionFailedError
          ? new ConditionFailedError(error.failed.map(outside))
          : error;
      }
    },
  };
}
