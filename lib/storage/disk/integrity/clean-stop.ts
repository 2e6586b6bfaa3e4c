import { constants } from "node:fs";
import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder, undefinedIfMissing } from "../files.ts";
import { CLEAN_STOP_FILE, RECORDS_FILE, RECORDS_FOLDER } from "../modes.ts";

/*
 * A file beside the records, written after they were closed, that describes their file. It exists only while they are
 * closed. If it is missing or does not match, the records were not closed, or were changed, replaced or truncated since.
 */

/** Returns whether the records are as they were when they were last closed. */
export async function wasStoppedCleanly(folder: string): Promise<boolean> {
  const marker = await undefinedIfMissing(readFile(join(folder, CLEAN_STOP_FILE), "utf8"));
  return marker !== undefined && marker === (await describeRecords(folder));
}

/** Deletes the file, durably, before the records are opened. */
export async function clearCleanStop(folder: string): Promise<void> {
  const path = join(folder, CLEAN_STOP_FILE);
  if ((await undefinedIfMissing(stat(path))) === undefined) return;
  await rm(path, { force: true });
  await syncFolder(join(folder, RECORDS_FOLDER));
}

/** Writes the file after the records have been closed. A failure only causes a check at the next start. */
export async function recordCleanStop(folder: string): Promise<void> {
  try {
    await syncRecords(folder);
    await writeFile(join(folder, CLEAN_STOP_FILE), await describeRecords(folder), { mode: 0o600 });
  } catch {
    await rm(join(folder, CLEAN_STOP_FILE), { force: true }).catch(() => undefined);
  }
}

/** Flushes the file of the records, and its entry in the folder. */
export async function syncRecords(folder: string): Promise<void> {
  await using file = await open(join(folder, RECORDS_FILE), constants.O_RDONLY);
  await file.datasync();
  await syncFolder(join(folder, RECORDS_FOLDER));
}

/** Describes the file of the records. Unlike the time of the last write, that of the last change cannot be set. */
async function describeRecords(folder: string): Promise<string> {
  const { size, ctimeNs } = await stat(join(folder, RECORDS_FILE), { bigint: true });
  return `${size} bytes, changed ${ctimeNs}\n`;
}
