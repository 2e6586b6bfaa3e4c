import type { Algorithm, Digest } from "../oci/digest.ts";
import type { ByteRange } from "../oci/range.ts";

/**
 * A stream of bytes that is read once, from beginning to end. A chunk may be overwritten as soon as the one after the
 * next is asked for: who keeps it copies it.
 */
export type Body = AsyncIterable<Uint8Array>;

/** All bytes of a body that is known to be small. */
export async function collect(body: Body): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** A body of these bytes. */
export async function* bodyOf(...chunks: readonly Uint8Array[]): Body {
  yield* chunks;
}

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

/** The store has no room for more. What was being written is not kept. */
export class StorageFullError extends Error {
  constructor(cause: unknown) {
    super("no space left in storage", { cause });
    this.name = "StorageFullError";
  }
}

/** The store turns requests away because there are too many. What was being done is not, unless tried again. */
export class StorageBusyError extends Error {
  constructor(cause: unknown) {
    super("storage is throttling", { cause });
    this.name = "StorageBusyError";
  }
}

/** The store cannot be reached, or fails. A write may or may not have happened: it is to be tried again. */
export class StorageUnavailableError extends Error {
  constructor(cause: unknown) {
    super("storage is unavailable", { cause });
    this.name = "StorageUnavailableError";
  }
}

export interface BlobStat {
  /** Bytes. */
  readonly size: number;
}

export interface BlobStore {
  stat(digest: Digest): Promise<BlobStat | undefined>;
  /** The blob, or the given part of it. */
  get(digest: Digest, range?: ByteRange): Promise<Body | undefined>;
  /**
   * Stores a blob whose digest is known beforehand. It appears whole, or not at all, and is durable then.
   * @throws OciError `DIGEST_INVALID` when the body has another digest
   */
  put(digest: Digest, body: Body): Promise<BlobStat>;
  /** A URL at which the blob can be had for a while without credentials, if the store can make one by itself. */
  locate?(digest: Digest): Promise<string>;
}

/**
 * The bytes of an upload session so far. `size` is the session's offset in bytes; the rest belongs to the store, which
 * finds there all that it needs to go on, also in another process.
 */
export type Staged = { readonly id: string; readonly size: number; readonly algorithm: Algorithm } & {
  readonly [key: string]: Field;
};

/** Blobs whose digest becomes known only after their bytes. */
export interface UploadStore {
  /**
   * Runs work that reads and changes a session: alone, if the store could not bear two at once.
   * @throws UploadBusyError when such work is under way
   */
  alone<T>(id: string, work: () => Promise<T>): Promise<T>;
  begin(id: string, algorithm: Algorithm): Promise<Staged>;
  /** Adds a chunk, whole or not at all. */
  append(staged: Staged, body: Body): Promise<Staged>;
  /**
   * Makes a blob of what is staged, durably. What is still held is for `discard` to free.
   * @throws OciError `DIGEST_INVALID` when the bytes have another digest, `BLOB_UPLOAD_UNKNOWN` when they are gone
   */
  commit(staged: Staged, digest: Digest): Promise<void>;
  /** Frees what is staged; does nothing when there is nothing. */
  discard(staged: Staged): Promise<void>;
}

/** Two requests write to one upload session. */
export class UploadBusyError extends Error {
  constructor(id: string) {
    super(`upload ${id} is being written to`);
    this.name = "UploadBusyError";
  }
}
