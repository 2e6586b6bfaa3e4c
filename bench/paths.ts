import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..");
/** Programs built for the bench, kept from run to run. */
export const BIN = join(ROOT, ".cache/bin");
/** Data of the servers under test: beside the code and not in /tmp, which may be memory and not the disk. */
export const SCRATCH = join(ROOT, ".cache/bench");
