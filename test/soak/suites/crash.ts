import { join } from "node:path";
import { MIB } from "../figures.ts";
import type { Options } from "../options.ts";
import type { Report } from "../report.ts";
import { createFolderSite, createPowerSite } from "../sites.ts";
import { installXfsIo, withVolume } from "../volumes.ts";
import { runCrashes } from "./crash-pushes.ts";
import { runSessions } from "./crash-sessions.ts";

/** Verifies that a crash loses no acknowledged content, and that no incorrect content is served after it. */
export async function runCrash(report: Report, options: Options): Promise<void> {
  const kills = options.quick ? 30 : 300;
  const folder = join(options.folder, "crash");
  await report.case(`crash: kill -9 at ${kills} random points during pushes`, async () => {
    const site = await createFolderSite(folder);
    const plan = {
      crashes: kills,
      perFolder: 10,
      seed: `${options.seed}/kill`,
      large: { count: options.quick ? 2 : 5, size: 20 * MIB },
    };
    return await runCrashes(site, plan);
  });
  await runSessions(report, { ...options, folder });
  const cuts = options.quick ? 5 : 50;
  await report.case(`crash: power loss at ${cuts} random points during pushes`, async () => {
    await installXfsIo();
    const volume = { kind: "ext4", path: join(options.folder, "power"), size: 1024 * MIB } as const;
    return await withVolume(volume, async (mounted) => {
      const plan = {
        crashes: cuts,
        perFolder: 10,
        seed: `${options.seed}/power`,
        large: { count: 5, size: 8 * MIB },
      };
      return await runCrashes(createPowerSite(mounted), plan);
    });
  });
}
