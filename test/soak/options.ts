import { join } from "node:path";
import { chooseNames, parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";

const SUITES = ["crash", "large", "disk-full", "hangup", "concurrent"] as const;

export type SuiteName = (typeof SUITES)[number];

export interface Options {
  /** Whether to run with smaller numbers, for every change; releases run the full suite. */
  readonly quick: boolean;
  readonly only: readonly SuiteName[];
  readonly seed: string;
  /** Parent folder of the data folders, which a failed case leaves for inspection. */
  readonly folder: string;
}

const USAGE = `usage: npm run soak -- [--quick] [--only SUITE]... [--seed TEXT] [--folder PATH]

Breaks a registry on purpose and looks whether it kept its promises.

  --quick        smaller numbers: about three minutes instead of half an hour or more
  --only SUITE   one of ${SUITES.join(", ")}; may be repeated
  --seed TEXT    repeats the choices of another run, which printed its seed
  --folder PATH  where data is kept meanwhile (.cache/soak by default); the whole run needs 25 GB there

disk-full and a part of crash mount file systems of their own, so they must be run as root.`;

/** Ends the process when there is nothing to run. */
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
