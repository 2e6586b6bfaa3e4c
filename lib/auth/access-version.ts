import { randomUUID } from "node:crypto";
import { ACCESS_VERSION_SORT, PARTITIONS } from "../ports/record-keys.ts";
import { type Change, type Key, MAX_BATCH, put, type RecordStore } from "../ports/record-store.ts";

/** The record that every change of the access configuration replaces. */
type AccessVersionRecord = { readonly version: string };

/** The key of the access configuration's version record. */
export const ACCESS_VERSION_KEY: Key<AccessVersionRecord> = {
  partition: PARTITIONS.access,
  sort: ACCESS_VERSION_SORT,
};

/** Maximum number of changes in one write to the access configuration: the version record takes up one change. */
export const MAX_ACCESS_CHANGES = MAX_BATCH - 1;

/**
 * Changes the access configuration together with its version, from which other processes detect the change.
 * @throws ConditionFailedError when a condition fails
 */
export async function writeAccess(records: RecordStore, changes: readonly Change[]): Promise<void> {
  await records.write([...changes, put(ACCESS_VERSION_KEY, { version: randomUUID() })]);
}
