import { join } from "node:path";
import { chooseNames, parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";

const HOMES = ["serve", "cloud", "harsh"] as const;

export type HomeName = (typeof HOMES)[number];

export interface Options {
  /** Whether to run fewer clients for all identities except the user. */
  readonly quick: boolean;
  readonly homes: readonly HomeName[];
  /** Folder for the output of clients and functions. */
  readonly folder: string;
}

const USAGE = `usage: npm run test:identities -- [--quick] [--only HOME]...

Unmodified clients sign in, push and pull: as a user, as a robot, with an OIDC token, with AWS credentials, and
anonymously from a public repository. The OIDC issuer and STS are stand-ins on this machine.

  --quick      all clients for the user, and four of them for the others
  --only HOME  run only on this deployment (repeatable):
                 serve  \`dockless serve\` on disk
                 cloud  the synthesized stack on the local cloud (npm run cloud)
                 harsh  the same in harsh mode, with frequent replacement of environments
  --help`;

/** Parses the command line. Exits after `--help`, and for invalid options. */
export function parseOptions(): Options {
  const values = parseSuiteArgs(USAGE, {
    quick: { type: "boolean" },
    only: { type: "string", multiple: true },
  });
  return {
    quick: values.quick === true,
    homes: chooseNames(USAGE, HOMES, values.only),
    folder: join(import.meta.dirname, "../../.cache/identities"),
  };
}
