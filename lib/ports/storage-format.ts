import { FORMAT_SORT, PARTITIONS } from "./record-keys.ts";
import { ConditionFailedError, type Key, put, type RecordStore } from "./record-store.ts";

/** Number of the form in which this version stores records and blobs. Data of another number is neither read nor migrated. */
export const STORAGE_FORMAT = 1;

/** The record of the storage format. */
type FormatRecord = { readonly format: number };

/** The key of the record of the storage format. */
export const FORMAT_KEY: Key<FormatRecord> = { partition: PARTITIONS.meta, sort: FORMAT_SORT };

/** The stored data has no format, or one that this version does not support. */
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

/** Partitions of which a registry in use has records. That of access is not one: a deployment may fill it first. */
const PARTITIONS_IN_USE = [PARTITIONS.catalog, PARTITIONS.keys];

const hasNoContent: EmptinessCheck = async (records) => {
  for (const partition of PARTITIONS_IN_USE) {
    if ((await records.queryKeys({ partition, sort: "" }, { limit: 1 })).length > 0) return false;
  }
  return true;
};

/**
 * Checks the storage format.
 * @returns whether the store has a format; one without records has none
 * @throws StorageFormatError
 */
export async function checkFormat(records: RecordStore, isEmpty = hasNoContent): Promise<boolean> {
  if (await hasFormat(records)) return true;
  if (await isEmpty(records)) return false;
  // Another process may have written the format, and then the records that were found.
  if (await hasFormat(records)) return true;
  throw new StorageFormatError(undefined);
}

/** Checks the storage format, and writes that of this version to a store without records. @throws StorageFormatError */
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
