import { constants as flags } from "node:fs";
import { type FileHandle, open, rename, statfs } from "node:fs/promises";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import type { Digest } from "../../oci/digest.ts";
import { blobName, uploadName } from "../../ports/object-names.ts";
import { StorageFullError } from "../../ports/storage-errors.ts";

/** Error codes for a full disk: as names, and as numbers, which LMDB reports. */
const DISK_FULL_CODES: ReadonlySet<string> = new Set([
  "ENOSPC",
  "EDQUOT",
  "EFBIG",
  `${constants.errno.ENOSPC}`,
  `${constants.errno.EDQUOT}`,
]);

/** Returns the file path of a blob. */
export function blobPath(root: string, digest: Digest): string {
  return join(root, blobName(digest));
}

/** Returns the file path of an upload session. */
export function uploadPath(root: string, id: string): string {
  return join(root, uploadName(id));
}

/** Opens a file for reading and writing, creates it if necessary, and closes it at the end. */
export async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  await using file = await open(path, flags.O_RDWR | flags.O_CREAT, 0o600);
  return await use(file);
}

/** Opens an existing file for reading and writing, and closes it at the end. */
export async function withExistingFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  await using file = await open(path, flags.O_RDWR);
  return await use(file);
}

/** Renames a file with durable content to its final name, and makes the rename durable. */
export async function publish(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Flushes a folder, which makes created, renamed and deleted entries durable. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, flags.O_RDONLY);
  await folder.sync();
}

/** Awaits a file operation. @returns undefined when the file does not exist */
export async function undefinedIfMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Awaits a file operation. @throws StorageFullError instead of the system error for a full disk */
export async function translateDiskErrors<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw isDiskFull(error) ? new StorageFullError(error) : error;
  }
}

/** Returns the number of bytes that this process can still write to the disk that contains a path. */
export async function readFreeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Returns whether an error reports a full disk, an exceeded quota or the maximum file size. */
export function isDiskFull(error: unknown): boolean {
  return DISK_FULL_CODES.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
