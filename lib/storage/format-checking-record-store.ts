import type { Change, Entry, Key, QueryOptions, RecordStore } from "../ports/record-store.ts";
import { checkFormat, ensureFormat } from "../ports/storage-format.ts";

/**
 * A record store shared with other processes. Checks the storage format on first use: a read runs the check concurrently, so
 * it adds no latency; a write runs it first and, if the table is empty, writes the format record. Later calls skip the check.
 */
export class FormatCheckingRecordStore implements RecordStore {
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
    // Waits for both to settle even if one fails: the caller may then close the connections.
    const [, check] = await Promise.allSettled([read, checkFormat(this.#records)]);
    if (check.status === "rejected") throw check.reason;
    if (check.value) this.#isChecked = true;
    return await read;
  }
}
