import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunningServer } from "../support/server.ts";
import { within } from "./figures.ts";
import { cutPower, mountImage, type Volume } from "./volumes.ts";

/** Location of a data folder, and the way to stop its processes without warning. */
export interface Site {
  readonly data: string;
  crash(server: RunningServer): Promise<void>;
  /** Deletes all its content. */
  clear(): Promise<void>;
}

/** A folder whose processes are killed. The operating system keeps what they have written. */
export async function folderSite(path: string): Promise<Site> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return {
    data: join(path, "data"),
    crash: async (server) => {
      await server.stop("SIGKILL");
    },
    clear: () => rm(path, { recursive: true, force: true }),
  };
}

/**
 * A separate file system that simulates a power cut: bytes that were not synced are lost. The server is halted first, since a
 * file system that is being shut down may report a sync as completed that is not.
 */
export function powerSite(volume: Volume): Site {
  return {
    data: join(volume.path, "data"),
    crash: async (server) => {
      await halt(server.pid);
      await cutPower(volume);
      await server.stop("SIGKILL");
      await volume.unmount();
      await mountImage(volume);
    },
    clear: () => rm(join(volume.path, "data"), { recursive: true, force: true }),
  };
}

/** Waits until no thread of the process runs, not even within the kernel. */
async function halt(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  if (!(await within(10_000, async () => await isHalted(pid))))
    throw new Error(`process ${pid} does not halt`);
}

async function isHalted(pid: number): Promise<boolean> {
  const states: string[] = [];
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8");
    states.push(stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3));
  }
  return states.every((state) => state === "T");
}
