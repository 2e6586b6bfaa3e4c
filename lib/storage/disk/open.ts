import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DiskBlobs } from "./blobs.ts";
import { undefinedIfMissing } from "./files.ts";
import { lockFolder } from "./lock.ts";
import { FOLDERS, RECORDS_FOLDER, restrictModes } from "./modes.ts";
import { DiskRecords } from "./records.ts";
import { DiskUploads } from "./uploads.ts";

/** Stores of one data folder. */
export interface DiskStorage {
  readonly records: DiskRecords;
  readonly blobs: DiskBlobs;
  readonly uploads: DiskUploads;
  /** Deletes expired records, and staged files of uploads idle for the lifetime of a session (seconds). */
  sweep(now: Date, uploadLifetime: number): Promise<void>;
  /** Closes the records and releases the folder's lock. */
  close(): Promise<void>;
}

/** Reports one line on a data folder that is in use all the same. */
type Warn = (message: string) => void;

/**
 * Opens the storage of one data folder, and creates the folder if necessary. Everything below it becomes inaccessible to other
 * users of the machine.
 * @throws DataFolderInUseError, or the file system's error when the folder is not writable
 */
export async function openDisk(folder: string, warn: Warn = () => undefined): Promise<DiskStorage> {
  for (const path of FOLDERS) await makeFolder(join(folder, path));
  await using opened = new AsyncDisposableStack();
  opened.defer(await lockFolder(folder));
  const records = opened.adopt(await openRecords(folder, warn), (store) => store.close());
  const uploads = new DiskUploads(folder);
  await uploads.sweepRequests();
  const sweep = async (now: Date, uploadLifetime: number) => {
    await records.sweepExpired(Math.floor(now.getTime() / 1000));
    await uploads.sweep(now.getTime() - uploadLifetime * 1000);
  };
  const kept = opened.move();
  const close = () => kept.disposeAsync();
  return { records, blobs: new DiskBlobs(folder), uploads, sweep, close };
}

/**
 * Opens only the records, even while a server is running on the same folder: LMDB supports several processes. The
 * folder's lock protects the files of blobs and uploads, which do not.
 */
export async function openDiskRecords(folder: string, warn: Warn = () => undefined): Promise<DiskRecords> {
  await makeFolder(join(folder, RECORDS_FOLDER));
  return await openRecords(folder, warn);
}

/** Opens the records. LMDB creates its files accessible to all, so the modes are restricted before and after. */
async function openRecords(folder: string, warn: Warn): Promise<DiskRecords> {
  for (const path of await restrictModes(folder)) {
    warn(`${path} was accessible to other users: its mode has been restricted to its owner`);
  }
  await using opened = new AsyncDisposableStack();
  const records = opened.adopt(await DiskRecords.open(join(folder, RECORDS_FOLDER)), (store) =>
    store.close(),
  );
  await restrictModes(folder);
  opened.move();
  return records;
}

/** Creates a folder and its parents. Node's own `recursive` never returns where the kernel forbids creating folders. */
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
