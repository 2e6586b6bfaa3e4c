import { type DiskStorage, openDisk } from "../../lib/storage/disk/open.ts";
import { newFolder } from "./folder.ts";

/** Storage on disk in a temporary folder. */
export interface TemporaryDisk {
  readonly path: string;
  readonly disk: DiskStorage;
  /** Closes the storage and deletes the folder. */
  close(): Promise<void>;
}

/** Opens storage on disk in a temporary folder. */
export async function openTemporaryDisk(): Promise<TemporaryDisk> {
  const { path, remove } = await newFolder();
  const disk = await openDisk(path);
  const close = async () => {
    await disk.close();
    await remove();
  };
  return { path, disk, close };
}
