import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { tryLock } from "fs-native-extensions";
import { undefinedIfMissing } from "./files.ts";
import { LOCK_FILE } from "./modes.ts";

/** The data folder is locked by another process. */
export class DataFolderInUseError extends Error {
  constructor(folder: string) {
    super(`the data folder ${folder} is in use by another process`);
    this.name = "DataFolderInUseError";
  }
}

/** Delay before the second attempt: a command holds the lock briefly to detect whether a server is running. */
const SECOND_ATTEMPT_MILLISECONDS = 50;

/**
 * Locks a folder for this process. The kernel releases the lock when the process ends, even after a crash.
 * @returns a function that releases the lock
 * @throws DataFolderInUseError
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await using opened = new AsyncDisposableStack();
  const file = opened.use(await open(join(folder, LOCK_FILE), constants.O_RDWR | constants.O_CREAT, 0o600));
  if (!tryExclusiveLock(file)) {
    await setTimeout(SECOND_ATTEMPT_MILLISECONDS);
    if (!tryExclusiveLock(file)) throw new DataFolderInUseError(folder);
  }
  const kept = opened.move();
  return () => kept.disposeAsync();
}

/** Returns whether a process has locked a folder. */
export async function isLocked(folder: string): Promise<boolean> {
  await using file = await undefinedIfMissing(open(join(folder, LOCK_FILE), constants.O_RDWR));
  return file !== undefined && !tryLock(file.fd, 0, 0, { shared: true });
}

function tryExclusiveLock(file: FileHandle): boolean {
  return tryLock(file.fd, 0, 0, { shared: false });
}
