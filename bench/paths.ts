import { join } from "node:path";

/** Root of the repository. */
export const ROOT = join(import.meta.dirname, "..");
/** Programs built for the benchmark, kept between runs. */
export const BIN = join(ROOT, ".cache/bin");
/** Data of the measured servers: next to the code and not in /tmp, which may be in memory instead of on the disk. */
export const SCRATCH = join(ROOT, ".cache/bench");
