import { join } from "node:path";
import { chooseNames, parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";

const HOMES = ["serve", "cloud", "harsh"] as const;

export type HomeName = (typeof HOMES)[number];

export interface Options {
  /** Whether identities other than users are tested with fewer clients. */
  readonly quick: boolean;
  readonly homes: readonly HomeName[];
  /** Folder for the output of clients and functions. */
  readonly folder: string;
}

const USAGE = `usage: npm run test:identities -- [--quick] [--only HOME]...

Real clients sign in, push and pull: as a user, a robot, with an OIDC token, with AWS credentials, and anonymously from a
public repository. The OIDC issuer and STS are stand-ins on this machine.

  --quick      all clients for the user, and four of them for the others
  --only HOME  one of these; may be repeated:
                 serve  \`dockless serve\` on disk
                 cloud  the synthesized stack on the local cloud (npm run cloud)
                 harsh  the same in harsh mode, with new environments all the time
  --help`;

/** Ends the process when there is nothing to run. */
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
