import { join } from "node:path";
import { MIB } from "../figures.ts";
import type { Options } from "../options.ts";
import type { Report } from "../report.ts";
import { withVolume } from "../volumes.ts";
import { FullDisk } from "./full-disk.ts";

/** Verifies that a registry on a full disk rejects pushes with an error body of the spec, and keeps its other content. */
export async function runDiskFull(report: Report, options: Options): Promise<void> {
  for (const kind of ["tmpfs", "ext4"] as const) {
    const cases: Readonly<Record<string, (disk: FullDisk) => Promise<string>>> = {
      "a blob larger than the disk, in each form": (disk) => disk.tooLarge(),
      "blobs in each form until it is full": (disk) => disk.fillWithBlobs(),
      "no space for records": (disk) => disk.fillWithManifests(),
      "space for a blob, but not for its records": (disk) => disk.leaveLittle(),
    };
    for (const [name, run] of Object.entries(cases)) {
      await report.case(`disk-full: ${kind}: ${name}`, async () => {
        const volume = { kind, path: join(options.folder, `full-${kind}`), size: 64 * MIB };
        return await withVolume(volume, async (mounted) => await FullDisk.use(mounted, options.seed, run));
      });
    }
  }
}
