import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BLOBS_PREFIX, UPLOADS_PREFIX } from "../../ports/object-names.ts";
import { DiskBlobs } from "./blobs.ts";
import { unlessMissing } from "./files.ts";
import { lockFolder } from "./lock.ts";
import { DiskRecords } from "./records.ts";
import { DiskUploads } from "./uploads.ts";

export interface DiskStorage {
  readonly records: DiskRecords;
  readonly blobs: DiskBlobs;
  readonly uploads: DiskUploads;
  /** Frees what unfinished uploads hold that got nothing for the lifetime of a session, in seconds. */
  sweep(now: Date, uploadLifetime: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the storage of one data folder, which is made if need be.
 * @throws DataFolderInUseError, or the file system's error when the folder cannot be written
 */
export async function openDisk(folder: string): Promise<DiskStorage> {
  for (const path of [join(BLOBS_PREFIX, "sha256"), join(BLOBS_PREFIX, "sha512"), UPLOADS_PREFIX]) {
    await makeFolder(join(folder, path));
  }
  await using opened = new AsyncDisposableStack();
  opened.defer(await lockFolder(folder));
  const records = opened.adopt(await DiskRecords.open(join(folder, "records")), (store) => store.close());
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
 * Opens the records alone, beside a server that may be running on the same folder: LMDB lets processes share them. The
 * folder's lock is for what they may not share, which is the rest.
 */
export async function openDiskRecords(folder: string): Promise<DiskRecords> {
  await makeFolder(folder);
  return await DiskRecords.open(join(folder, "records"));
}

/** Makes a folder and those above it. Node's own `recursive` never ends where the kernel lets nothing be made. */
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
  return (await unlessMissing(stat(path)))?.isDirectory() === true;
}
