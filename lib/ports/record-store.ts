/** A value that a record can contain: the types that DynamoDB can store. */
export type Field =
  | string
  | number
  | boolean
  | Uint8Array
  | undefined
  | readonly Field[]
  | { readonly [key: string]: Field };

/**
 * The key of a record of type `T`. Records of a partition are sorted by the UTF-8 bytes of their sort keys.
 * A record with an `expiresAt` (epoch seconds) may be deleted at any time after it; readers must check the expiry.
 */
export interface Key<T> {
  readonly partition: string;
  readonly sort: string;
  /** Never set: a phantom field that binds the key to the record's type. */
  readonly holds?: T;
}

/** A record with its key. */
export interface Entry<T> {
  readonly key: Key<T>;
  readonly value: T;
}

/** The state that a stored record must have for a write to succeed: absent, present, or with the given fields. */
export type Condition<T> = "absent" | "present" | { readonly where: Partial<T> };

/** An item of an atomic write. */
export type Change =
  | { readonly put: Key<unknown>; readonly value: object; readonly condition: Condition<object> | undefined }
  | { readonly remove: Key<unknown>; readonly condition: Condition<object> | undefined }
  | { readonly check: Key<unknown>; readonly condition: Condition<object> };

/** Creates or replaces a record. */
export function put<T extends object>(key: Key<T>, value: T, condition?: Condition<T>): Change {
  return { put: key, value, condition };
}

/** Deletes a record, if it exists. */
export function remove<T extends object>(key: Key<T>, condition?: Condition<T>): Change {
  return { remove: key, condition };
}

/** Makes the write conditional on a record without changing the record. */
export function check<T extends object>(key: Key<T>, condition: Condition<T>): Change {
  return { check: key, condition };
}

/** Returns the key of the record that a change applies to. */
export function keyOf(change: Change): Key<unknown> {
  if ("put" in change) return change.put;
  return "remove" in change ? change.remove : change.check;
}

function isSameKey(a: Key<unknown>, b: Key<unknown>): boolean {
  return a.partition === b.partition && a.sort === b.sort;
}

/** Maximum number of changes in one write, and of keys in one read: the limits of DynamoDB's transactions and batch reads. */
export const MAX_BATCH = 100;

/** The range of records under a prefix that a query returns. `limit` is the maximum number of records. */
export interface QueryOptions {
  /** Only records whose sort key is greater than this one, whether or not it exists. */
  readonly after?: string;
  readonly limit: number;
}

/** A store of records with conditional, atomic writes. Reads are strongly consistent: they see every completed write. */
export interface RecordStore {
  /** Returns undefined when the record does not exist. */
  get<T>(key: Key<T>): Promise<T | undefined>;
  /** @returns one item for each key, in the order of the keys (`MAX_BATCH` at most) */
  getMany<T>(keys: readonly Key<T>[]): Promise<readonly (T | undefined)[]>;
  /** Returns the records in the prefix's partition whose sort key begins with the prefix's sort key, in order, up to the limit. */
  query<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Entry<T>[]>;
  /** Returns only the keys of the records that `query` would return. Faster than `query`, but costs the same in DynamoDB. */
  queryKeys<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Key<T>[]>;
  /**
   * Makes all of the changes durable, or none. Each key may occur once, and there may be at most `MAX_BATCH` changes.
   * @throws ConditionFailedError when a condition fails
   */
  write(changes: readonly Change[]): Promise<void>;
}

/** Write conflict: nothing was written. `failed` contains the keys of the failed conditions. */
export class ConditionFailedError extends Error {
  readonly failed: readonly Key<unknown>[];

  constructor(failed: readonly Key<unknown>[]) {
    super(`a condition failed on ${failed.map((key) => key.sort).join(", ")}`);
    this.name = "ConditionFailedError";
    this.failed = failed;
  }

  /** Returns whether the condition on this key failed. */
  isAbout(key: Key<unknown>): boolean {
    return this.failed.some((other) => isSameKey(other, key));
  }
}
