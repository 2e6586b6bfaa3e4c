import { randomUUID } from "node:crypto";
import {
  ConditionFailedError,
  type Entry,
  type Field,
  type Key,
  MAX_BATCH,
  put,
  type RecordStore,
} from "../../../../lib/ports/record-store.ts";
import type { Opened } from "../../opened.ts";

export type Fields = { readonly [name: string]: Field };

/** A record store under test, which all tests of a suite share: each keeps to partitions of its own. */
export class RecordsLab {
  readonly #open: () => Promise<Opened<RecordStore>>;
  #opened: Opened<RecordStore> | undefined;
  #store: RecordStore | undefined;

  constructor(open: () => Promise<Opened<RecordStore>>) {
    this.#open = open;
  }

  async start(): Promise<void> {
    this.#opened = await this.#open();
    this.#store = this.#opened.store;
  }

  async stop(): Promise<void> {
    await this.#opened?.close();
  }

  /** From here on the tests see another instance over the same storage. */
  async reopen(): Promise<void> {
    this.#store = await this.#opened?.reopen();
  }

  get store(): RecordStore {
    if (this.#store === undefined) throw new Error("the store is not open");
    return this.#store;
  }

  newPartition(): string {
    return `test#${randomUUID()}`;
  }

  /** Keys of one partition that no other test uses. */
  keys(): (sort: string) => Key<Fields> {
    const partition = this.newPartition();
    return (sort) => ({ partition, sort });
  }

  /** Writes a record for each sort key, which it also holds. */
  async fill(key: (sort: string) => Key<Fields>, sorts: readonly string[]): Promise<void> {
    for (let start = 0; start < sorts.length; start += MAX_BATCH) {
      const batch = sorts.slice(start, start + MAX_BATCH);
      await this.store.write(batch.map((sort) => put(key(sort), { sort })));
    }
  }
}

export function sortsOf(entries: readonly Entry<Fields>[]): readonly string[] {
  return entries.map((entry) => entry.key.sort);
}

export function bytesOf(value: Fields | undefined, field: string): Uint8Array {
  const bytes = value?.[field];
  if (!(bytes instanceof Uint8Array)) throw new Error(`the field ${field} holds no bytes`);
  return Uint8Array.from(bytes);
}

/** Whether a write happened; false when a condition failed. */
export async function wins(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailedError) return false;
    throw error;
  }
}
