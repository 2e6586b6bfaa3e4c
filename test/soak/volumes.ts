import { execFile } from "node:child_process";
import { mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { withCleanup } from "./cleanup.ts";

const run = promisify(execFile);

/** A small file system for a test. */
export interface Volume {
  readonly kind: "tmpfs" | "ext4";
  /** Mount point. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  unmount(): Promise<void>;
}

/** Mounts a file system while the work runs. @throws Error unless run as root */
export async function withVolume<T>(
  volume: Omit<Volume, "unmount">,
  work: (volume: Volume) => Promise<T>,
): Promise<T> {
  if (process.getuid?.() !== 0)
    throw new Error("mounting a file system requires root: run the suite as root");
  const mounted = { ...volume, unmount: async () => void (await run("umount", [volume.path])) };
  const cleanUp = async () => {
    await run("umount", [volume.path]).catch(() => undefined);
    await rm(imageOf(volume.path), { force: true });
    await rm(volume.path, { recursive: true, force: true });
  };
  await cleanUp();
  await mkdir(volume.path, { recursive: true });
  return await withCleanup(cleanUp, async () => {
    if (volume.kind === "ext4") await makeImage(mounted);
    await mountImage(mounted);
    return await work(mounted);
  });
}

/** Mounts a volume, an ext4 one from its image file. */
export async function mountImage({ kind, path, size }: Volume): Promise<void> {
  if (kind === "tmpfs") await run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]);
  else await run("mount", ["-o", "loop", imageOf(path), path]);
}

/** Enlarges a mounted tmpfs by half. Does nothing for ext4, which cannot be enlarged while it is in use. */
export async function enlarge({ kind, path, size }: Volume): Promise<void> {
  if (kind === "tmpfs") await run("mount", ["-o", `remount,size=${size * 1.5}`, path]);
}

/** Shuts a file system down as a power cut would: without writing cached data back. */
export async function cutPower({ path }: Volume): Promise<void> {
  await run("xfs_io", ["-x", "-c", "shutdown", path]);
}

/** Installs `xfs_io`, which shuts down ext4 as well, unless it is installed. */
export async function installXfsIo(): Promise<void> {
  const installed = await run("xfs_io", ["-V"]).then(
    () => true,
    () => false,
  );
  if (installed) return;
  const install = () => run("apt-get", ["install", "-y", "--no-install-recommends", "xfsprogs"]);
  await install().catch(async () => {
    await run("apt-get", ["update"]);
    await install();
  });
}

async function makeImage({ path, size }: Volume): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(imageOf(path), "w");
  await file.truncate(size);
  await file.close();
  await run("mkfs.ext4", ["-q", "-m", "0", imageOf(path)]);
}

function imageOf(path: string): string {
  return `${path}.img`;
}
