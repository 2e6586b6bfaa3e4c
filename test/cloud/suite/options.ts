import { join } from "node:path";
import { choose, parseSuiteArgs } from "../../../local-cloud/support/suite-options.ts";

const CASES = ["direct", "commands", "conformance", "clients", "crowd", "chaos", "large", "access"] as const;

export type CaseName = (typeof CASES)[number];

const MODES = ["normal", "harsh"] as const;

export type Mode = (typeof MODES)[number];

export interface Options {
  /** Whether to run with smaller numbers, for every change; releases run the full suite. */
  readonly quick: boolean;
  readonly only: readonly CaseName[];
  readonly modes: readonly Mode[];
  readonly seed: string;
  /** Folder for the synthesized stack, and for the output of suites and functions. */
  readonly folder: string;
}

const USAGE = `usage: npm run test:cloud -- [--quick] [--only CASE]... [--mode MODE] [--seed TEXT]

Synthesizes the stack and runs it on the local cloud (npm run cloud), twice: as AWS is known to be, and in harsh mode.

  --quick      smaller numbers: ten minutes or so instead of an hour
  --only CASE  one of these; may be repeated:
                 direct       API Gateway alone: pulls and small pushes work, and large ones are told where to go
                 commands     dockless user and access on the table, by what npm run cloud prints
                 conformance  the OCI conformance programs
                 clients      real clients
                 crowd        ten clients that push to one tag at once
                 chaos        environments that are killed at random during pushes and pulls
                 large        a layer of 5 GiB by PATCH and by PUT (300 MB with --quick)
                 access       an access file that comes with the stack, on a cloud of its own
               After all of them, no function may have called what its role does not allow.
  --mode MODE  normal or harsh alone
  --seed TEXT  repeats the choices of another run, which printed its seed
  --help

Examples: npm run test:cloud -- --quick
          npm run test:cloud -- --only direct --only crowd`;

/** Parses the command line. Ends the process after `--help`, and for invalid options. */
export function parseOptions(): Options {
  const values = parseSuiteArgs(USAGE, {
    quick: { type: "boolean" },
    only: { type: "string", multiple: true },
    mode: { type: "string", multiple: true },
    seed: { type: "string" },
  });
  return {
    quick: values.quick === true,
    only: choose(USAGE, CASES, values.only),
    modes: choose(USAGE, MODES, values.mode),
    seed: values.seed ?? Date.now().toString(36),
    folder: join(import.meta.dirname, "../../../.cache/cloud-suite"),
  };
}
