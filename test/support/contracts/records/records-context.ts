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

/** Fields of a record. */
export type Fields = { readonly [name: string]: Field };

/** Record store under test, shared by all tests of a suite, each of which uses its own partitions. */
export class RecordsContext {
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

  /** Replaces the store by another instance over the same storage. */
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

  /** Returns keys of a partition that no other test uses. */
  keys(): (sort: string) => Key<Fields> {
    const partition = this.newPartition();
    return (sort) => ({ partition, sort });
  }

  /** Writes a record for each sort key, with the sort key as a field. */
  async fill(key: (sort: string) => Key<Fields>, sorts: readonly string[]): Promise<void> {
    for (let start = 0; start < sorts.length; start += MAX_BATCH) {
      const batch = sorts.slice(start, start + MAX_BATCH);
      await this.store.write(batch.map((sort) => put(key(sort), { sort })));
    }
  }
}

/** Returns the sort keys of entries. */
export function sortsOf(entries: readonly Entry<Fields>[]): readonly string[] {
  return entries.map((entry) => entry.key.sort);
}

/** Returns a field with bytes. @throws Error when it has another type */
export function bytesOf(value: Fields | undefined, field: string): Uint8Array {
  const bytes = value?.[field];
  if (!(bytes instanceof Uint8Array)) throw new Error(`the field ${field} does not contain bytes`);
  return Uint8Array.from(bytes);
}

/** Returns whether a write succeeded; false when a condition failed. */
export async function isWritten(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailedError) return false;
    throw error;
  }
}
