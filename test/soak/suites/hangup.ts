import { join } from "node:path";
import type { Options } from "../options.ts";
import type { Report } from "../report.ts";
import { hangUpOften } from "./hang-ups.ts";
import { stallUntilDropped } from "./stalls.ts";

/** Promise: clients that disconnect or stop sending do not occupy resources for long. */
export async function runHangup(report: Report, options: Options): Promise<void> {
  const folder = join(options.folder, "hangup");
  const times = options.quick ? 100 : 600;
  await hangUpOften(report, folder, times, options.seed);
  if (options.quick)
    console.log("       hangup: stalled clients are only in the whole run, which waits for two minutes");
  else await stallUntilDropped(report, folder);
}
