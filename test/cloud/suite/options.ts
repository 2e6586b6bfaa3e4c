import { join } from "node:path";
import { chooseNames, parseSuiteArgs } from "../../../local-cloud/support/suite-options.ts";

const CASES = [
  "direct",
  "commands",
  "conformance",
  "clients",
  "crowd",
  "chaos",
  "large",
  "access",
  "direct-push",
] as const;

export type CaseName = (typeof CASES)[number];

const MODES = ["normal", "harsh"] as const;

export type Mode = (typeof MODES)[number];

/** Options of the local cloud by mode. */
export const MODE_FLAGS: Readonly<Record<Mode, readonly string[]>> = {
  normal: [],
  harsh: ["--harsh", "--recycle"],
};

export interface Options {
  /** Whether to reduce the load and the sizes: the quick suite is for every change, the full suite for releases. */
  readonly quick: boolean;
  readonly only: readonly CaseName[];
  readonly modes: readonly Mode[];
  readonly seed: string;
  /** Folder for the synthesized stack, and for the output of suites and functions. */
  readonly folder: string;
}

const USAGE = `usage: npm run test:cloud -- [--quick] [--only CASE]... [--mode MODE] [--seed TEXT]

Synthesizes the stack and runs it on the local cloud (npm run cloud), twice: with the
known behaviour of AWS, and in harsh mode, with behaviour that AWS may have.

  --quick      reduced load and sizes: about 10 minutes instead of an hour
  --only CASE  run only this case (repeatable):
                 direct       API Gateway alone: pulls and small pushes work; larger pushes are rejected with the hostname to use
                 commands     dockless user and access on the table, with the variables that npm run cloud prints
                 conformance  the OCI conformance suites
                 clients      unmodified clients
                 crowd        ten clients that push to the same tag concurrently
                 chaos        function environments killed or shut down at random during pushes and pulls,
                              and during an upload by each client
                 large        a 5 GiB layer, pushed by PATCH and by PUT (300 MB with --quick)
                 access       a stack that contains an access file, on a separate local cloud
                 direct-push  a stack whose web function accepts clients without CloudFront, on separate local clouds
               The suite fails if any function makes a call that its role does not allow.
  --mode MODE  run only in this mode: normal or harsh
  --seed TEXT  repeat the random choices of an earlier run; each run prints its seed
  --help       print this text

Examples: npm run test:cloud -- --quick
          npm run test:cloud -- --only direct --only crowd`;

/** Parses the command line. Exits after `--help`, and for invalid options. */
export function parseOptions(): Options {
  const values = parseSuiteArgs(USAGE, {
    quick: { type: "boolean" },
    only: { type: "string", multiple: true },
    mode: { type: "string", multiple: true },
    seed: { type: "string" },
  });
  return {
    quick: values.quick === true,
    only: chooseNames(USAGE, CASES, values.only),
    modes: chooseNames(USAGE, MODES, values.mode),
    seed: values.seed ?? Date.now().toString(36),
    folder: join(import.meta.dirname, "../../../.cache/cloud-suite"),
  };
}
