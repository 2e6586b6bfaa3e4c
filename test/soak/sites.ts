import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunningServer } from "../support/server.ts";
import { cutPower, mountImage, type Volume } from "./volumes.ts";

/** Where a data folder lies, and how what runs there is ended without warning. */
export interface Site {
  readonly data: string;
  /** Whether requests may be refused, instead of cut off, in the moment of the crash. */
  readonly refusesWhileCrashing: boolean;
  crash(server: RunningServer): Promise<void>;
  /** Deletes all that is there. */
  clear(): Promise<void>;
}

/** A folder, on which processes are killed. What they have written is kept by the operating system. */
export async function folderSite(path: string): Promise<Site> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return {
    data: join(path, "data"),
    refusesWhileCrashing: false,
    crash: async (server) => {
      await server.stop("SIGKILL");
    },
    clear: () => rm(path, { recursive: true, force: true }),
  };
}

/** A file system of its own whose power can be cut: what was not synced is lost. */
export function powerSite(volume: Volume): Site {
  return {
    data: join(volume.path, "data"),
    refusesWhileCrashing: true,
    crash: async (server) => {
      await cutPower(volume);
      await server.stop("SIGKILL");
      await volume.unmount();
      await mountImage(volume);
    },
    clear: () => rm(join(volume.path, "data"), { recursive: true, force: true }),
  };
}
