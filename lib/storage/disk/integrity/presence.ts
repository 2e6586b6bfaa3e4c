import { opendir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BLOBS_PREFIX } from "../../../ports/object-names.ts";
import { undefinedIfMissing } from "../files.ts";
import { BLOB_FOLDERS, RECORDS_FILE, RECORDS_FOLDER } from "../modes.ts";

/** A registry's blobs exist, but its records (accounts, grants, tags and image names) are missing. */
class RecordsLostError extends Error {
  constructor(folder: string) {
    const [records, blobs] = [resolve(folder, RECORDS_FOLDER), resolve(folder, BLOBS_PREFIX)];
    super(
      `the records in ${records} are missing, but ${blobs} contains blobs: restore ${records} from a backup, or move ${blobs} away to start an empty registry`,
    );
    this.name = "RecordsLostError";
  }
}

/** The folder does not contain a registry. */
export class RegistryMissingError extends Error {
  readonly folder: string;

  constructor(folder: string) {
    super(`${folder} contains no registry`);
    this.name = "RegistryMissingError";
    this.folder = folder;
  }
}

/** Returns whether a data folder contains records. LMDB creates an empty file, and treats an empty file as a new database. */
export async function hasRecords(folder: string): Promise<boolean> {
  const stats = await undefinedIfMissing(stat(join(folder, RECORDS_FILE)));
  return stats !== undefined && stats.size > 0;
}

/**
 * Distinguishes a new data folder from one that has lost its records: a registry without records has no accounts, so anyone
 * could push to it.
 * @throws RecordsLostError
 */
export async function assertRecordsNotLost(folder: string): Promise<void> {
  if (!(await hasRecords(folder))) await assertNoBlobs(folder);
}

/** @throws RecordsLostError */
async function assertNoBlobs(folder: string): Promise<void> {
  for (const blobs of BLOB_FOLDERS) {
    if (!(await isEmptyFolder(join(folder, blobs)))) throw new RecordsLostError(folder);
  }
}

/** @throws RegistryMissingError, even if the path is a file; RecordsLostError */
export async function assertRegistryExists(folder: string): Promise<void> {
  const stats = await undefinedIfMissing(stat(folder));
  if (stats?.isDirectory() === false) throw new RegistryMissingError(folder);
  if (await hasRecords(folder)) return;
  await assertNoBlobs(folder);
  throw new RegistryMissingError(folder);
}

async function isEmptyFolder(path: string): Promise<boolean> {
  await using entries = await undefinedIfMissing(opendir(path));
  return entries === undefined || (await entries.read()) === null;
}
