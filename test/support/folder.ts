import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDisk } from "../../lib/storage/disk/open.ts";

/** Creates a temporary folder that contains an empty registry. */
export async function newRegistryFolder(): ReturnType<typeof newFolder> {
  const folder = await newFolder();
  await (await openDisk(folder.path)).close();
  return folder;
}

/** Creates a temporary folder. */
export async function newFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "dockless-test-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
