import { ABORT, open, type RootDatabase } from "lmdb";
import { EXPIRY_ATTRIBUTE } from "../../ports/record-keys.ts";
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
import { awaitCommit } from "./commit.ts";
import { readFreeBytes } from "./files.ts";

/** Suffix that makes a prefix the upper bound of the sort keys that begin with it: sort keys are ASCII. */
const PREFIX_END = "\u{10ffff}";

/**
 * After a crash LMDB opens the last flushed state. By default it trusts unflushed writes until the machine reboots,
 * but a disk can be disconnected without a reboot. The package's types lack this option, which its README describes.
 */
const CRASH_SAFETY_OPTIONS = { safeRestore: true } as const;

/** Bytes that a verification writes and discards: enough to make LMDB search its list of free pages. */
const VERIFIED_WRITE_BYTES = 1024 * 1024;

type DiskKey = [partition: string, sort: string];
type ExpiryKey = [expiresAt: number, partition: string, sort: string];

/** The records and the expiry index do not match. */
export class RecordsInconsistentError extends Error {
  override readonly name = "RecordsInconsistentError";

  constructor() {
    super("the expiry index does not match the records");
  }
}

/** Records in an LMDB environment, with an index of the records that expire. */
export class DiskRecords implements RecordStore {
  readonly #root: RootDatabase;
  readonly #path: string;
  readonly #records;
  readonly #expiries;

  /** Opens or creates the environment. @throws an LMDB error when the folder cannot be read or written */
  static async open(path: string): Promise<DiskRecords> {
    await using opened = new AsyncDisposableStack();
    // With event turn batching, a failed commit also rejects a promise that is not accessible to the caller.
    const options = { path, maxDbs: 2, eventTurnBatching: false, ...CRASH_SAFETY_OPTIONS };
    const records = new DiskRecords(
      opened.adopt(open(options), (root) => root.close()),
      path,
    );
    opened.move();
    return records;
  }

  private constructor(root: RootDatabase, path: string) {
    this.#root = root;
    this.#path = path;
    this.#records = root.openDB<object, DiskKey>({ name: "records" });
    this.#expiries = root.openDB<boolean, ExpiryKey>({ name: "expiries" });
  }

  async get<T>(key: Key<T>): Promise<T | undefined> {
    return this.#read(key);
  }

  async getMany<T>(keys: readonly Key<T>[]): Promise<readonly (T | undefined)[]> {
    return keys.map((key) => this.#read(key));
  }

  async query<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Entry<T>[]> {
    const { partition } = prefix;
    const range = this.#records.getRange(rangeOf(prefix, options));
    return Array.from(range, ({ key: [, sort], value }) => ({ key: { partition, sort }, value: value as T }));
  }

  async queryKeys<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Key<T>[]> {
    const { partition } = prefix;
    return Array.from(this.#records.getKeys(rangeOf(prefix, options)), ([, sort]) => ({ partition, sort }));
  }

  async write(changes: readonly Change[]): Promise<void> {
    const failed = await this.#awaitCommit(
      this.#root.transaction(() => {
        const failing = changes.filter(
          (change) => !conditionHolds(change.condition, this.#read(keyOf(change))),
        );
        if (failing.length === 0) for (const change of changes) this.#apply(change);
        return failing;
      }),
    );
    if (failed.length > 0) throw new ConditionFailedError(failed.map(keyOf));
    await this.#awaitCommit(this.#root.flushed);
  }

  /** Deletes records whose `expiresAt` (epoch seconds) is at or before the given time. */
  async sweepExpired(now: number): Promise<void> {
    const expired = Array.from(this.#expiries.getKeys({ end: [now + 1, "", ""] }));
    await this.#awaitCommit(
      this.#root.transaction(() => {
        for (const [, partition, sort] of expired) {
          if ((this.#expiryOf([partition, sort]) ?? now + 1) <= now) this.#remove([partition, sort]);
        }
      }),
    );
  }

  /** Reads everything, and allocates pages as a write would. @throws an error when the records are damaged */
  verify(): void {
    let indexed = 0;
    for (const { key, value } of this.#records.getRange()) {
      const expiresAt = expiryOf(value);
      if (expiresAt === undefined) continue;
      if (this.#expiries.get([expiresAt, ...key]) !== true) throw new RecordsInconsistentError();
      indexed++;
    }
    if (Array.from(this.#expiries.getKeys()).length !== indexed) throw new RecordsInconsistentError();
    this.#root.transactionSync(() => {
      this.#records.putSync(["verify", ""], { bytes: new Uint8Array(VERIFIED_WRITE_BYTES) });
      return ABORT;
    });
  }

  async isEmpty(): Promise<boolean> {
    return this.#records.getKeysCount({ limit: 1 }) === 0;
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  async #awaitCommit<T>(commit: Promise<T>): Promise<T> {
    return await awaitCommit(commit, () => readFreeBytes(this.#path));
  }

  #read<T>(key: Key<T>): T | undefined {
    return this.#records.get([key.partition, key.sort]) as T | undefined;
  }

  #apply(change: Change): void {
    if ("put" in change) this.#put([change.put.partition, change.put.sort], change.value);
    else if ("remove" in change) this.#remove([change.remove.partition, change.remove.sort]);
  }

  #put(key: DiskKey, value: object): void {
    this.#remove(key);
    this.#records.putSync(key, value);
    const expiresAt = expiryOf(value);
    if (expiresAt !== undefined) this.#expiries.putSync([expiresAt, ...key], true);
  }

  #remove(key: DiskKey): void {
    const expiresAt = this.#expiryOf(key);
    if (expiresAt !== undefined) this.#expiries.removeSync([expiresAt, ...key]);
    this.#records.removeSync(key);
  }

  #expiryOf(key: DiskKey): number | undefined {
    return expiryOf(this.#records.get(key));
  }
}

function rangeOf({ partition, sort }: Key<unknown>, { after = "", limit }: QueryOptions) {
  const start: DiskKey = [partition, after > sort ? after : sort];
  const end: DiskKey = [partition, `${sort}${PREFIX_END}`];
  return { start, end, exclusiveStart: start[1] === after, limit };
}

function expiryOf(value: object | undefined): number | undefined {
  return value !== undefined && EXPIRY_ATTRIBUTE in value && typeof value[EXPIRY_ATTRIBUTE] === "number"
    ? value[EXPIRY_ATTRIBUTE]
    : undefined;
}
