import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureFormat } from "../../ports/storage-format.ts";
import { DiskBlobs } from "./blobs.ts";
import { undefinedIfMissing } from "./files.ts";
import { clearCleanStop, recordCleanStop, syncRecords, wasStoppedCleanly } from "./integrity/clean-stop.ts";
import { assertRecordsNotLost, assertRegistryExists, hasRecords } from "./integrity/presence.ts";
import { verifyRecords } from "./integrity/verify-records.ts";
import { isLocked, lockFolder } from "./lock.ts";
import { FOLDERS, RECORDS_FOLDER, restrictModes } from "./modes.ts";
import { DiskRecords } from "./records.ts";
import { DiskUploads } from "./uploads.ts";

/** Stores of one data folder. */
export interface DiskStorage {
  readonly records: DiskRecords;
  readonly blobs: DiskBlobs;
  readonly uploads: DiskUploads;
  /** Deletes expired records, and staged files not written to for `uploadLifetime` seconds. */
  sweep(now: Date, uploadLifetime: number): Promise<void>;
  /** Failed reads mark content as lost: files may be deleted or truncated by other programs. */
  readonly marksLostContent: true;
  /** Closes the records and releases the folder's lock. */
  close(): Promise<void>;
}

/** Reports a one-line warning about the data folder, which is opened nonetheless. */
type Warn = (message: string) => void;

/**
 * Opens the storage in a data folder, and creates the folder if necessary. Everything below it becomes inaccessible to the
 * machine's other users.
 * @throws DataFolderInUseError, RecordsLostError, RecordsDamagedError, StorageFormatError, or a file system error when the
 * folder is not writable
 */
export async function openDisk(folder: string, warn: Warn = () => undefined): Promise<DiskStorage> {
  for (const path of FOLDERS) await makeFolder(join(folder, path));
  await using opened = new AsyncDisposableStack();
  opened.defer(await lockFolder(folder));
  await assertRecordsNotLost(folder);
  await prepareRecords(folder);
  const records = opened.adopt(await openRecords(folder, warn), async (store) => {
    await store.close();
    await recordCleanStop(folder);
  });
  const uploads = new DiskUploads(folder);
  await uploads.sweepRequests();
  const sweep = async (now: Date, uploadLifetime: number) => {
    await records.sweepExpired(Math.floor(now.getTime() / 1000));
    await uploads.sweep(now.getTime() - uploadLifetime * 1000);
  };
  const kept = opened.move();
  const close = () => kept.disposeAsync();
  return { records, blobs: new DiskBlobs(folder), uploads, sweep, close, marksLostContent: true };
}

/**
 * Opens only the records of an existing registry, even while a server is running on the same folder: LMDB supports access by
 * several processes. Blob and upload files do not; the folder's lock protects them.
 * @throws RegistryMissingError, RecordsLostError, RecordsDamagedError, StorageFormatError
 */
export async function openDiskRecords(
  folder: string,
  warn: Warn = () => undefined,
): Promise<{ readonly records: DiskRecords; close(): Promise<void> }> {
  await assertRegistryExists(folder);
  if (!(await isLocked(folder))) await prepareRecords(folder);
  const records = await openRecords(folder, warn);
  const close = async () => {
    await records.close();
    if (!(await isLocked(folder))) await recordCleanStop(folder);
  };
  return { records, close };
}

/** Verifies the records unless they were closed cleanly, so that a normal start is fast. */
async function prepareRecords(folder: string): Promise<void> {
  const isUnclean = (await hasRecords(folder)) && !(await wasStoppedCleanly(folder));
  if (isUnclean) await verifyRecords(folder);
  await clearCleanStop(folder);
}

/** Opens the records. LMDB creates world-readable files, so the modes are restricted before and after. */
async function openRecords(folder: string, warn: Warn): Promise<DiskRecords> {
  for (const path of await restrictModes(folder)) {
    warn(`${path} was accessible to other users: its mode has been restricted to its owner`);
  }
  const isNew = !(await hasRecords(folder));
  await using opened = new AsyncDisposableStack();
  const records = opened.adopt(await DiskRecords.open(join(folder, RECORDS_FOLDER)), (store) =>
    store.close(),
  );
  await restrictModes(folder);
  await ensureFormat(records, () => records.isEmpty());
  // Flushes before the first blob is stored: otherwise a machine crash could leave blobs without records.
  if (isNew) await syncRecords(folder);
  opened.move();
  return records;
}

/** Creates a folder and its parents. Node's `recursive` option never returns where the kernel forbids creating folders. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if (above === path || (await isFolder(above))) throw error;
    await makeFolder(above);
    await makeFolder(path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await undefinedIfMissing(stat(path)))?.isDirectory() === true;
}
