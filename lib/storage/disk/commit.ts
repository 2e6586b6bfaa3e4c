import { StorageFullError, StorageUnavailableError } from "../../ports/storage-errors.ts";
import { isDiskFull } from "./files.ts";

/**
 * Awaits a commit of LMDB. Its error is only a placeholder: the cause is the rejection of the promise `commitError`.
 * @throws StorageFullError, StorageUnavailableError
 */
export async function awaitCommit<T>(commit: Promise<T>): Promise<T> {
  try {
    return await commit;
  } catch (error) {
    const reason = await reasonOf(error);
    throw isDiskFull(reason) ? new StorageFullError(reason) : new StorageUnavailableError(reason);
  }
}

async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && "commitError" in error)) return error;
  return await Promise.resolve(error.commitError).then(
    () => error,
    (reason: unknown) => reason,
  );
}
