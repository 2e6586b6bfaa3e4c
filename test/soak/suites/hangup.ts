import { join } from "node:path";
import type { Options } from "../options.ts";
import type { Report } from "../report.ts";
import { runDisconnects } from "./disconnects.ts";
import { runStalls } from "./stalls.ts";

/** Verifies that the server releases the resources of clients that disconnect or become idle. */
export async function runHangup(report: Report, options: Options): Promise<void> {
  const folder = join(options.folder, "hangup");
  const times = options.quick ? 100 : 600;
  await runDisconnects(report, folder, times, options.seed);
  if (options.quick)
    console.log(
      "       hangup: stalled clients are tested in the full run only, which takes two minutes longer",
    );
  else await runStalls(report, folder);
}
