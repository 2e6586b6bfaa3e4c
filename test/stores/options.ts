import { join } from "node:path";
import { chooseNames, parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";

const CASES = ["suites", "conformance", "clients", "replicas", "outages", "faults", "large"] as const;

export type CaseName = (typeof CASES)[number];

export interface Options {
  /** Whether to reduce the load and the sizes: the quick suite is for every change, the full suite for releases. */
  readonly quick: boolean;
  readonly only: readonly CaseName[];
  readonly seed: string;
  /** Folder for the output of the suites. */
  readonly folder: string;
}

const USAGE = `usage: npm run test:storage -- [--quick] [--only CASE]... [--seed TEXT]

Runs the registry on DynamoDB Local and on an S3-compatible server, which it starts.

  --quick      reduced load and sizes: about 10 minutes instead of an hour
  --only CASE  run only this case (repeatable):
                 suites       the tests of the stores and of the HTTP API, and the number of storage calls per request
                 conformance  the OCI conformance suites, with and without redirects
                 clients      unmodified clients
                 replicas     three servers behind a proxy that distributes requests round-robin
                 outages      the responses, and their latency, while a store fails permanently
                 faults       stores that fail intermittently, and servers that are killed
                 large        a 5 GiB layer, and the memory that its upload requires
  --seed TEXT  repeat the random choices of an earlier run; each run prints its seed
  --help       print this text`;

/** Parses the command line. Exits after `--help`, and for invalid options. */
export function parseOptions(): Options {
  const values = parseSuiteArgs(USAGE, {
    quick: { type: "boolean" },
    only: { type: "string", multiple: true },
    seed: { type: "string" },
  });
  return {
    quick: values.quick === true,
    only: chooseNames(USAGE, CASES, values.only),
    seed: values.seed ?? Date.now().toString(36),
    folder: join(import.meta.dirname, "../../.cache/stores"),
  };
}
