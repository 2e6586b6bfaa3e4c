import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { tryLock } from "fs-native-extensions";

/** Error of a data folder that another process has locked. */
export class DataFolderInUseError extends Error {
  constructor(folder: string) {
    super(`the data folder ${folder} is in use by another process`);
    this.name = "DataFolderInUseError";
  }
}

/**
 * Locks a folder for this process. The kernel releases the lock when the process ends, even after a crash.
 * @returns a function that releases the lock
 * @throws DataFolderInUseError
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await using opened = new AsyncDisposableStack();
  const file = opened.use(await open(join(folder, "lock"), constants.O_RDWR | constants.O_CREAT, 0o600));
  if (!tryLock(file.fd, 0, 0, { shared: false })) throw new DataFolderInUseError(folder);
  const kept = opened.move();
  return () => kept.disposeAsync();
}
