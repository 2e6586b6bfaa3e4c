import {
  type Change,
  type Field,
  type Key,
  keyOf,
  MAX_BATCH,
  type QueryOptions,
  type RecordStore,
} from "../../lib/ports/record-store.ts";

/** DynamoDB's limits: 400 KB per item, 4 MB per transaction, 1 KB per sort key and 2 KB per partition key. */
const MAX_RECORD_BYTES = 400 * 1024;
const MAX_WRITE_BYTES = 4 * 1024 * 1024;
const MAX_SORT_KEY_BYTES = 1024;
const MAX_PARTITION_KEY_BYTES = 2048;

/** Names that DynamoDB or the SDK does not support. */
const UNSUPPORTED_NAMES = new Set(["", "constructor", "toString", "__proto__"]);

/** Returns a store that enforces the limits of all stores, so that a registry tested with it works with any. */
export function enforceLimits(store: RecordStore): RecordStore {
  return {
    get: async (key) => {
      checkKeys([key]);
      return await store.get(key);
    },
    getMany: async (keys) => {
      checkBatch(keys);
      return await store.getMany(keys);
    },
    query: async (prefix, options) => {
      checkQuery(options);
      return await store.query(prefix, options);
    },
    queryKeys: async (prefix, options) => {
      checkQuery(options);
      return await store.queryKeys(prefix, options);
    },
    write: async (changes) => {
      checkBatch(changes.map(keyOf));
      checkSizes(changes);
      checkNames(changes);
      await store.write(changes);
    },
  };
}

function checkBatch(keys: readonly Key<unknown>[]): void {
  if (keys.length === 0) throw new Error("empty batch");
  if (keys.length > MAX_BATCH) throw new Error(`a batch of ${keys.length}`);
  const names = keys.map((key) => JSON.stringify([key.partition, key.sort]));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`duplicate key in a batch: ${twice}`);
  checkKeys(keys);
}

function checkKeys(keys: readonly Key<unknown>[]): void {
  for (const { partition, sort } of keys) {
    if (partition === "" || sort === "") throw new Error("an empty key");
    if (Buffer.byteLength(sort) > MAX_SORT_KEY_BYTES)
      throw new Error(`a sort key of ${sort.length} characters`);
    if (Buffer.byteLength(partition) > MAX_PARTITION_KEY_BYTES)
      throw new Error("a partition key that is too long");
  }
}

function checkQuery({ limit }: QueryOptions): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new Error(`a query with the limit ${limit}`);
}

function checkSizes(changes: readonly Change[]): void {
  const sizes = changes.map((change) => ("put" in change ? sizeOf(change.value) : 0));
  for (const [index, size] of sizes.entries()) {
    if (size > MAX_RECORD_BYTES)
      throw new Error(`a record of ${size} bytes: ${changes.map(keyOf)[index]?.sort}`);
  }
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum > MAX_WRITE_BYTES) throw new Error(`a write of ${sum} bytes`);
}

function checkNames(changes: readonly Change[]): void {
  const names = changes.flatMap((change) => ("put" in change ? namesIn(change.value) : []));
  const bad = names.find((name) => UNSUPPORTED_NAMES.has(name));
  if (bad !== undefined) throw new Error(`a field named ${JSON.stringify(bad)}`);
}

function namesIn(value: Field | object): readonly string[] {
  if (typeof value !== "object" || value instanceof Uint8Array) return [];
  const inner = Object.values(value).flatMap(namesIn);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}

function sizeOf(value: Field | object): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== "object") return 8;
  return Object.entries(value).reduce(
    (sum, [name, field]) => sum + Buffer.byteLength(name) + sizeOf(field),
    0,
  );
}
