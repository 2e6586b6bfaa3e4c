import { join } from "node:path";
import { chooseNames, parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";

const SUITES = ["crash", "large", "disk-full", "hangup", "concurrent"] as const;

export type SuiteName = (typeof SUITES)[number];

export interface Options {
  /** Whether to reduce the load and the sizes: the quick suite is for every change, the full suite for releases. */
  readonly quick: boolean;
  readonly only: readonly SuiteName[];
  readonly seed: string;
  /** Parent of the data folders. Those of failed cases are kept for inspection. */
  readonly folder: string;
}

const USAGE = `usage: npm run soak -- [--quick] [--only SUITE]... [--seed TEXT] [--folder PATH]

Injects faults into a registry, and verifies its guarantees.

  --quick        reduced load and sizes: about 3 minutes instead of 30 or more
  --only SUITE   one of ${SUITES.join(", ")}; may be repeated
  --seed TEXT    repeat the random choices of an earlier run; each run prints its seed
  --folder PATH  folder for temporary data (.cache/soak by default); the full suite requires 25 GB there

disk-full and a part of crash mount separate file systems, and require root.`;

/** Parses the command line. Exits after `--help`, and for invalid options. */
export function parseOptions(): Options {
  const values = parseSuiteArgs(USAGE, {
    quick: { type: "boolean" },
    only: { type: "string", multiple: true },
    seed: { type: "string" },
    folder: { type: "string" },
  });
  return {
    quick: values.quick === true,
    only: chooseNames(USAGE, SUITES, values.only),
    seed: values.seed ?? Date.now().toString(36),
    folder: values.folder ?? join(import.meta.dirname, "../../.cache/soak"),
  };
}
