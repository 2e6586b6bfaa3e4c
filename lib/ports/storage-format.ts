import { FORMAT_SORT, PARTITIONS } from "./record-keys.ts";
import { ConditionFailedError, type Key, put, type RecordStore } from "./record-store.ts";

/** Version of the storage format that this release reads and writes. Data in any other version is neither read nor migrated. */
export const STORAGE_FORMAT = 1;

/** The storage format record. */
type FormatRecord = { readonly format: number };

/** The key of the storage format record. */
export const FORMAT_KEY: Key<FormatRecord> = { partition: PARTITIONS.meta, sort: FORMAT_SORT };

/** The stored data has no format record, or its format is not supported by this release. */
export class StorageFormatError extends Error {
  constructor(found: number | undefined) {
    super(
      `stored data has ${found === undefined ? "no format record" : `format ${found}`}, and this version of dockless supports only format ${STORAGE_FORMAT}: use the version that wrote the data, or an empty data folder or table`,
    );
    this.name = "StorageFormatError";
  }
}

/** Returns whether a store has no records yet. */
type EmptinessCheck = (records: RecordStore) => Promise<boolean>;

/**
 * Partitions that are non-empty in any registry that has been used. The access partition is not listed: a deployment may
 * write to it before the registry is first used.
 */
const PARTITIONS_IN_USE = [PARTITIONS.catalog, PARTITIONS.keys];

const hasNoContent: EmptinessCheck = async (records) => {
  for (const partition of PARTITIONS_IN_USE) {
    if ((await records.queryKeys({ partition, sort: "" }, { limit: 1 })).length > 0) return false;
  }
  return true;
};

/**
 * Checks the storage format.
 * @returns true if the store has a format record, false if it is empty
 * @throws StorageFormatError
 */
export async function checkFormat(records: RecordStore, isEmpty = hasNoContent): Promise<boolean> {
  if (await hasFormat(records)) return true;
  if (await isEmpty(records)) return false;
  // Another process may have written the format record and then the other records since the first read.
  if (await hasFormat(records)) return true;
  throw new StorageFormatError(undefined);
}

/** Checks the storage format, and writes the format record if the store is empty. @throws StorageFormatError */
export async function ensureFormat(records: RecordStore, isEmpty = hasNoContent): Promise<void> {
  if (await checkFormat(records, isEmpty)) return;
  try {
    await records.write([put(FORMAT_KEY, { format: STORAGE_FORMAT }, "absent")]);
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    await checkFormat(records, isEmpty);
  }
}

async function hasFormat(records: RecordStore): Promise<boolean> {
  const record = await records.get(FORMAT_KEY);
  if (record !== undefined && record.format !== STORAGE_FORMAT) throw new StorageFormatError(record.format);
  return record !== undefined;
}
