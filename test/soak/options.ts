import { join } from "node:path";
import { chooseNames, parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";

const SUITES = ["crash", "large", "disk-full", "hangup", "concurrent"] as const;

/** Name of a suite. */
export type SuiteName = (typeof SUITES)[number];

/** Options of the command line. */
export interface Options {
  /** Whether to reduce the load and the sizes: the quick suite is for every change, the full suite for releases. */
  readonly quick: boolean;
  readonly only: readonly SuiteName[];
  readonly seed: string;
  /** Path of the parent of the data folders. A failed case leaves its data folder there. */
  readonly folder: string;
}

const USAGE = `usage: npm run soak -- [--quick] [--only SUITE]... [--seed TEXT] [--folder PATH]

Injects faults into a registry (crashes, a full disk, disconnects, concurrent writes) and verifies its content.

  --quick        reduced load and sizes: about 3 minutes instead of 30 or more
  --only SUITE   one of ${SUITES.join(", ")}; may be repeated
  --seed TEXT    repeat the random choices of an earlier run; each run prints its seed
  --folder PATH  parent of the data folders (.cache/soak by default); the full run needs 25 GB of space

disk-full and a part of crash mount file systems: run them as root.`;

/** Parses the options of the command line. Prints the usage and exits for --help and for invalid options. */
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
