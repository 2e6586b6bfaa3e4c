import { mkdir } from "node:fs/promises";
import { cleanUpOnSignals } from "./cleanup.ts";
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
const report = new Report();
cleanUpOnSignals();
console.log(`seed ${options.seed}${options.quick ? ", quick" : ""}; data below ${options.folder}`);
await mkdir(options.folder, { recursive: true });
for (const name of options.only) await RUNNERS[name](report, options);
process.exitCode = report.end();
