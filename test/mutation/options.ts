import { chooseNames, exitWithUsage, parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";
import { MODULES, type Module } from "./modules.ts";

const USAGE = `usage: npm run test:mutation -- [options]

Changes one operator, condition or statement of the sources at a time and runs the tests that reach it. A mutant that no
test detects must be listed in test/mutation/equivalents with the reason; at most 5 % may survive.

  --spec          removes instead the line that enforces each sentence of docs/spec.md, and requires the test named there to
                  fail; --workers, --only and --list apply
  --module NAME   ${MODULES.map(({ name }) => name).join(", ")}; may be repeated [default: all]
  --sample N      mutants of each module [default: 300]
  --seed S        selects the sample [default: 1]
  --workers N     number of processes that run tests [default: 2]
  --fresh         discards the results of earlier runs; without it a run continues where the last one stopped
  --only TEXT     only mutants of the sample whose key or file contains this text
  --list          lists the sample without running it

The state is kept in .cache/mutation.`;

/** Options of the command line. */
export interface Options {
  readonly spec: boolean;
  readonly modules: readonly Module[];
  readonly sample: number;
  readonly seed: string;
  readonly workers: number;
  readonly fresh: boolean;
  readonly only: string;
  readonly list: boolean;
}

/** Parses the options of the command line. Prints the usage and exits for --help and for invalid options. */
export function parseOptions(args?: readonly string[]): Options {
  const values = parseSuiteArgs(
    USAGE,
    {
      spec: { type: "boolean", default: false },
      module: { type: "string", multiple: true },
      sample: { type: "string", default: "300" },
      seed: { type: "string", default: "1" },
      workers: { type: "string", default: "2" },
      fresh: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      list: { type: "boolean", default: false },
    },
    args,
  );
  const names = chooseNames(
    USAGE,
    MODULES.map(({ name }) => name),
    values.module,
  );
  return {
    ...values,
    modules: MODULES.filter(({ name }) => names.includes(name)),
    sample: parseCount("sample", values.sample),
    workers: parseCount("workers", values.workers),
  };
}

function parseCount(name: string, text: string): number {
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : exitWithUsage(`--${name} ${text}`, USAGE);
}
