import { constants as flags } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import type { Digest } from "../../oci/digest.ts";
import { blobName, uploadName } from "../../ports/object-names.ts";
import { StorageFullError } from "../../ports/storage-errors.ts";

/** By name, and by number as LMDB has them. */
const FULL: ReadonlySet<string> = new Set([
  "ENOSPC",
  "EDQUOT",
  "EFBIG",
  `${constants.errno.ENOSPC}`,
  `${constants.errno.EDQUOT}`,
]);

export function blobPath(root: string, digest: Digest): string {
  return join(root, blobName(digest));
}

export function uploadPath(root: string, id: string): string {
  return join(root, uploadName(id));
}

/** Opens a file for reading and writing, made if need be, and closes it at the end. */
export async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  await using file = await open(path, flags.O_RDWR | flags.O_CREAT, 0o600);
  return await use(file);
}

/** The same for a file that must be there. */
export async function withExistingFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  await using file = await open(path, flags.O_RDWR);
  return await use(file);
}

/** Gives a file whose bytes are durable its final name, durably. */
export async function publish(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Makes durable what was given or deprived of a name in it. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, flags.O_RDONLY);
  await folder.sync();
}

/** @returns undefined when the file does not exist */
export async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @throws StorageFullError instead of what the disk says when it is full */
export async function onDisk<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw isFull(error) ? new StorageFullError(error) : error;
  }
}

export function isFull(error: unknown): boolean {
  return FULL.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
