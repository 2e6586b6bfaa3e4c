import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunningServer } from "../support/server.ts";
import { waitUntil } from "./figures.ts";
import { cutPower, mountImage, type Volume } from "./volumes.ts";

/** Location of a data folder, with a way to crash a server that uses it. */
export interface Site {
  readonly data: string;
  crash(server: RunningServer): Promise<void>;
  /** Deletes all content of the location. */
  clear(): Promise<void>;
}

/** Creates a folder whose servers crash by SIGKILL. The operating system keeps the data that they have written. */
export async function createFolderSite(path: string): Promise<Site> {
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
 * Returns a site on its own file system, which a crash shuts down: data that was not synced is lost. The server is
 * halted first, because a sync may report success on a file system that is being shut down without being complete.
 */
export function createPowerSite(volume: Volume): Site {
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

/** Stops a process and waits until none of its threads runs, not even in the kernel. */
async function halt(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  if (!(await waitUntil(10_000, async () => await isHalted(pid))))
    throw new Error(`process ${pid} did not stop within 10 s of SIGSTOP`);
}

async function isHalted(pid: number): Promise<boolean> {
  const states: string[] = [];
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8");
    states.push(stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3));
  }
  return states.every((state) => state === "T");
}
