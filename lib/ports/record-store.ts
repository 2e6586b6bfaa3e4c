/** What a record can hold: what DynamoDB can, and no more. */
export type Field =
  | string
  | number
  | boolean
  | Uint8Array
  | undefined
  | readonly Field[]
  | { readonly [key: string]: Field };

/**
 * Where a record of type `T` lies. Records of one partition are kept in the order of their sort key's UTF-8 bytes.
 * A record with an `expiresAt` (epoch seconds) may vanish at any time after it; readers check for themselves.
 */
export interface Key<T> {
  readonly partition: string;
  readonly sort: string;
  /** Never set: it ties the key to the type of its record. */
  readonly holds?: T;
}

export interface Entry<T> {
  readonly key: Key<T>;
  readonly value: T;
}

/** What must be true of a stored record for a change to happen: that it is there, is not, or has these fields. */
export type Condition<T> = "absent" | "present" | { readonly where: Partial<T> };

export type Change =
  | { readonly put: Key<unknown>; readonly value: object; readonly condition: Condition<object> | undefined }
  | { readonly remove: Key<unknown>; readonly condition: Condition<object> | undefined }
  | { readonly check: Key<unknown>; readonly condition: Condition<object> };

export function put<T extends object>(key: Key<T>, value: T, condition?: Condition<T>): Change {
  return { put: key, value, condition };
}

export function remove<T extends object>(key: Key<T>, condition?: Condition<T>): Change {
  return { remove: key, condition };
}

export function check<T extends object>(key: Key<T>, condition: Condition<T>): Change {
  return { check: key, condition };
}

export function keyOf(change: Change): Key<unknown> {
  if ("put" in change) return change.put;
  return "remove" in change ? change.remove : change.check;
}

function isSameKey(a: Key<unknown>, b: Key<unknown>): boolean {
  return a.partition === b.partition && a.sort === b.sort;
}

/** As many changes as DynamoDB accepts in one transaction, and keys in one batch read. */
export const MAX_BATCH = 100;

export interface QueryOptions {
  /** Only records whose sort key is greater than this one, whether or not it exists. */
  readonly after?: string;
  readonly limit: number;
}

/** Strongly consistent: what a finished write changed is seen by every later read. */
export interface RecordStore {
  get<T>(key: Key<T>): Promise<T | undefined>;
  /** @returns one item for each key, in the order of the keys (`MAX_BATCH` at most) */
  getMany<T>(keys: readonly Key<T>[]): Promise<readonly (T | undefined)[]>;
  /** Records of the prefix's partition whose sort key begins with the prefix's, in order, up to the limit. */
  query<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Entry<T>[]>;
  /**
   * Makes all of the changes durable, or none. Each key may occur once.
   * @throws ConditionFailedError when a condition does not hold
   */
  write(changes: readonly Change[]): Promise<void>;
}

/** Somebody else was quicker: nothing was written. */
export class ConditionFailedError extends Error {
  readonly failed: readonly Key<unknown>[];

  constructor(failed: readonly Key<unknown>[]) {
    super(`a condition failed on ${failed.map((key) => key.sort).join(", ")}`);
    this.name = "ConditionFailedError";
    this.failed = failed;
  }

  isAbout(key: Key<unknown>): boolean {
    return this.failed.some((other) => isSameKey(other, key));
  }
}
