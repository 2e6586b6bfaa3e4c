import { mkdir } from "node:fs/promises";
import { cleanUpOnSignals } from "./cleanup.ts";
import { runInOwnNamespace } from "./namespace.ts";
import { type Options, parseOptions, type SuiteName } from "./options.ts";
import { Report } from "./report.ts";
import { runConcurrent } from "./suites/concurrent.ts";
import { runCrash } from "./suites/crash.ts";
import { runDiskFull } from "./suites/disk-full.ts";
import { runHangup } from "./suites/hangup.ts";
import { runLarge } from "./suites/large.ts";

const RUNNERS: Readonly<Record<SuiteName, (report: Report, options: Options) => Promise<void>>> = {
  crash: runCrash,
  large: runLarge,
  "disk-full": runDiskFull,
  hangup: runHangup,
  concurrent: runConcurrent,
};

const options = parseOptions();
process.exitCode = (await runInOwnNamespace()) ?? (await run(options));

async function run({ folder, only, quick, seed }: Options): Promise<number> {
  const report = new Report();
  cleanUpOnSignals();
  console.log(`seed ${seed}${quick ? ", quick" : ""}; data below ${folder}`);
  await mkdir(folder, { recursive: true });
  for (const name of only) await RUNNERS[name](report, options);
  return report.end();
}
