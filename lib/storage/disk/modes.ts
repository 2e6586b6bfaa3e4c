import { chmod, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BLOBS_PREFIX, UPLOADS_PREFIX } from "../../ports/object-names.ts";
import { undefinedIfMissing } from "./files.ts";

/** File that a process locks while it uses the data folder. */
export const LOCK_FILE = "lock";

/** Folder of the LMDB environment, relative to the data folder. */
export const RECORDS_FOLDER = "records";

/** Records file in the LMDB environment. */
export const RECORDS_FILE = join(RECORDS_FOLDER, "data.mdb");

/** Marker file that exists while the records are closed. */
export const CLEAN_STOP_FILE = join(RECORDS_FOLDER, "clean-stop");

/** Folders of the blobs. */
export const BLOB_FOLDERS = [join(BLOBS_PREFIX, "sha256"), join(BLOBS_PREFIX, "sha512")];

/** Folders below the data folder. Their modes deny other users access to the files in them, whatever the files' modes are. */
export const FOLDERS = [RECORDS_FOLDER, ...BLOB_FOLDERS, UPLOADS_PREFIX];

/** Entries below the data folder that contain, or give access to, secrets and private repositories. */
const ENTRIES = [
  LOCK_FILE,
  BLOBS_PREFIX,
  ...FOLDERS,
  RECORDS_FILE,
  CLEAN_STOP_FILE,
  join(RECORDS_FOLDER, "lock.mdb"),
];

/** Permission bits for the group and for other users. */
const OTHERS = 0o077;

/**
 * Revokes the access of the machine's other users to everything below a data folder: the records contain the token signing
 * key. Otherwise the modes would depend on LMDB, the umask, and the program that created the folders.
 * @returns the paths that other users could access
 * @throws a file system error when an entry belongs to another user
 */
export async function restrictModes(folder: string): Promise<readonly string[]> {
  const restricted: string[] = [];
  for (const entry of ENTRIES) {
    const path = resolve(folder, entry);
    const mode = (await undefinedIfMissing(stat(path)))?.mode ?? 0;
    if ((mode & OTHERS) === 0) continue;
    await chmod(path, mode & 0o700);
    restricted.push(path);
  }
  return restricted;
}
