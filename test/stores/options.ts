import { join } from "node:path";
import { choose, parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";

const CASES = ["suites", "conformance", "clients", "replicas", "outages", "faults", "large"] as const;

export type CaseName = (typeof CASES)[number];

export interface Options {
  /** Whether to run with smaller numbers, for every change; releases run the full suite. */
  readonly quick: boolean;
  readonly only: readonly CaseName[];
  readonly seed: string;
  /** Folder for the output of the suites. */
  readonly folder: string;
}

const USAGE = `usage: npm run test:storage -- [--quick] [--only CASE]... [--seed TEXT]

Runs the registry on DynamoDB Local and on an S3-compatible server, which it starts.

  --quick      smaller numbers: ten minutes or so instead of an hour
  --only CASE  one of these; may be repeated:
                 suites       the suites of the stores and of the HTTP API, and how many calls requests cost
                 conformance  the OCI conformance programs, with and without redirects
                 clients      real clients
                 replicas     three servers behind a proxy that sends each request to another one
                 outages      what is answered, and how soon, when a store fails all the time
                 faults       stores that fail now and then, and servers that are killed
                 large        a layer of 5 GiB, and the memory that it takes
  --seed TEXT  repeats the choices of another run, which printed its seed
  --help`;

/** Parses the command line. Ends the process after `--help`, and for invalid options. */
export function parseOptions(): Options {
  const values = parseSuiteArgs(USAGE, {
    quick: { type: "boolean" },
    only: { type: "string", multiple: true },
    seed: { type: "string" },
  });
  return {
    quick: values.quick === true,
    only: choose(USAGE, CASES, values.only),
    seed: values.seed ?? Date.now().toString(36),
    folder: join(import.meta.dirname, "../../.cache/stores"),
  };
}
