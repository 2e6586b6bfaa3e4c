import { constants } from "node:fs";
import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder, undefinedIfMissing } from "../files.ts";
import { CLEAN_STOP_FILE, RECORDS_FILE, RECORDS_FOLDER } from "../modes.ts";

/*
 * A marker file next to the records that describes the records file. It is written after the records have been closed and
 * deleted before they are opened. If it is missing or does not match, the records were not closed cleanly, or have been
 * changed, replaced or truncated since.
 */

/** Returns whether the records were closed cleanly and have not changed since. */
export async function wasStoppedCleanly(folder: string): Promise<boolean> {
  const marker = await undefinedIfMissing(readFile(join(folder, CLEAN_STOP_FILE), "utf8"));
  return marker !== undefined && marker === (await describeRecords(folder));
}

/** Deletes the marker file durably, before the records are opened. */
export async function clearCleanStop(folder: string): Promise<void> {
  const path = join(folder, CLEAN_STOP_FILE);
  if ((await undefinedIfMissing(stat(path))) === undefined) return;
  await rm(path, { force: true });
  await syncFolder(join(folder, RECORDS_FOLDER));
}

/** Writes the marker file after the records have been closed. A failure only causes a verification at the next start. */
export async function recordCleanStop(folder: string): Promise<void> {
  try {
    await syncRecords(folder);
    await writeFile(join(folder, CLEAN_STOP_FILE), await describeRecords(folder), { mode: 0o600 });
  } catch {
    await rm(join(folder, CLEAN_STOP_FILE), { force: true }).catch(() => undefined);
  }
}

/** Flushes the records file and its directory entry. */
export async function syncRecords(folder: string): Promise<void> {
  await using file = await open(join(folder, RECORDS_FILE), constants.O_RDONLY);
  await file.datasync();
  await syncFolder(join(folder, RECORDS_FOLDER));
}

/** Describes the records file. Uses ctime, since programs can set mtime but not ctime. */
async function describeRecords(folder: string): Promise<string> {
  const { size, ctimeNs } = await stat(join(folder, RECORDS_FILE), { bigint: true });
  return `${size} bytes, changed ${ctimeNs}\n`;
}
