import type { Change, Entry, Key, QueryOptions, RecordStore } from "../ports/record-store.ts";
import { checkFormat, ensureFormat } from "../ports/storage-format.ts";

/**
 * Records of a table that other processes may have written. The first use by a process checks the storage format: a read at
 * the same time as it reads, so that it takes no longer; a write before it writes, and to an empty table it writes the format
 * first. Later uses check nothing.
 */
export class FormatCheckedRecords implements RecordStore {
  readonly #records: RecordStore;
  #isChecked = false;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  async get<T>(key: Key<T>): Promise<T | undefined> {
    return await this.#read(this.#records.get(key));
  }

  async getMany<T>(keys: readonly Key<T>[]): Promise<readonly (T | undefined)[]> {
    return await this.#read(this.#records.getMany(keys));
  }

  async query<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Entry<T>[]> {
    return await this.#read(this.#records.query(prefix, options));
  }

  async queryKeys<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Key<T>[]> {
    return await this.#read(this.#records.queryKeys(prefix, options));
  }

  async write(changes: readonly Change[]): Promise<void> {
    if (!this.#isChecked) await ensureFormat(this.#records);
    this.#isChecked = true;
    await this.#records.write(changes);
  }

  async #read<T>(read: Promise<T>): Promise<T> {
    if (this.#isChecked) return await read;
    // Neither call may outlive a failure of the other: the connections may be closed then.
    const [, check] = await Promise.allSettled([read, checkFormat(this.#records)]);
    if (check.status === "rejected") throw check.reason;
    if (check.value) this.#isChecked = true;
    return await read;
  }
}
