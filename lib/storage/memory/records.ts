import {
  type Change,
  ConditionFailedError,
  type Entry,
  type Key,
  keyOf,
  type QueryOptions,
  type RecordStore,
} from "../../ports/record-store.ts";
import { conditionHolds } from "../condition.ts";

/** Records in the memory of one process: for tests, and as the reference implementation of the port. */
export class MemoryRecords implements RecordStore {
  readonly #partitions = new Map<string, Map<string, object>>();

  async get<T>(key: Key<T>): Promise<T | undefined> {
    return this.#read(key);
  }

  async getMany<T>(keys: readonly Key<T>[]): Promise<readonly (T | undefined)[]> {
    return keys.map((key) => this.#read(key));
  }

  async query<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Entry<T>[]> {
    return this.#select(prefix, options).flatMap((key) => {
      const value = this.#read(key);
      return value === undefined ? [] : [{ key, value }];
    });
  }

  async queryKeys<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Key<T>[]> {
    return this.#select(prefix, options);
  }

  async write(changes: readonly Change[]): Promise<void> {
    const failed = changes.filter((change) => !conditionHolds(change.condition, this.#read(keyOf(change))));
    if (failed.length > 0) throw new ConditionFailedError(failed.map(keyOf));
    for (const change of changes) this.#apply(change);
  }

  #select<T>({ partition, sort: prefix }: Key<T>, { after = "", limit }: QueryOptions): readonly Key<T>[] {
    return [...(this.#partitions.get(partition)?.keys() ?? [])]
      .filter((sort) => sort.startsWith(prefix) && compareBytes(sort, after) > 0)
      .sort(compareBytes)
      .slice(0, limit)
      .map((sort) => ({ partition, sort }));
  }

  #read<T>(key: Key<T>): T | undefined {
    const value = this.#partitions.get(key.partition)?.get(key.sort);
    return value === undefined ? undefined : (structuredClone(value) as T);
  }

  #apply(change: Change): void {
    if ("put" in change) {
      const { partition, sort } = change.put;
      const records = this.#partitions.get(partition) ?? new Map<string, object>();
      this.#partitions.set(partition, records.set(sort, structuredClone(change.value)));
    } else if ("remove" in change) {
      this.#partitions.get(change.remove.partition)?.delete(change.remove.sort);
    }
  }
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
