import { constants } from "node:os";
import { StorageFullError, StorageUnavailableError } from "../../ports/storage-errors.ts";
import { isDiskFull } from "./files.ts";

/** Free bytes below which a failed write is attributed to a full disk. */
const FULL_DISK_BYTES = 1024 * 1024;

/**
 * Awaits an LMDB commit. LMDB's error is only a placeholder: the cause is the rejection of its promise `commitError`.
 * @param freeBytes returns the free disk space
 * @throws StorageFullError, StorageUnavailableError
 */
export async function awaitCommit<T>(commit: Promise<T>, freeBytes: () => Promise<number>): Promise<T> {
  try {
    return await commit;
  } catch (error) {
    const reason = await reasonOf(error);
    const isFull = isDiskFull(reason) || (isShortWrite(reason) && (await isAlmostFull(freeBytes)));
    throw isFull ? new StorageFullError(reason) : new StorageUnavailableError(reason);
  }
}

/** Returns whether LMDB reports EIO: the disk accepted only a part of a write, usually because it is full. */
function isShortWrite(error: unknown): boolean {
  return error instanceof Error && "code" in error && Number(error.code) === constants.errno.EIO;
}

async function isAlmostFull(freeBytes: () => Promise<number>): Promise<boolean> {
  return await freeBytes().then(
    (bytes) => bytes < FULL_DISK_BYTES,
    () => false,
  );
}

async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && "commitError" in error)) return error;
  return await Promise.resolve(error.commitError).then(
    () => error,
    (reason: unknown) => reason,
  );
}
