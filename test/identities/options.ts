import { join } from "node:path";
import { chooseNames, parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";

const RUNTIMES = ["serve", "nginx", "caddy", "cloud", "harsh"] as const;

/** Name of a proxy in front of `dockless serve`. */
export type ProxyName = Extract<(typeof RUNTIMES)[number], "nginx" | "caddy">;
/** Name of a runtime in which all kinds of identities sign in. */
export type RuntimeName = Exclude<(typeof RUNTIMES)[number], ProxyName>;

/** Options of the command line. */
export interface Options {
  /** Whether to use fewer clients for all accounts except users. */
  readonly quick: boolean;
  readonly runtimes: readonly (RuntimeName | ProxyName)[];
  /** Path of the folder for the logs of clients and functions. */
  readonly folder: string;
}

const USAGE = `usage: npm run test:identities -- [--quick] [--only RUNTIME]...

Real clients sign in, push and pull: as a user, as a robot, with an OIDC token and with AWS credentials. They also pull
from a public repository without signing in, and must report a denied push at once. The OIDC issuer and STS are stand-ins
on this machine.

  --quick      all clients for the user, four of them for the others
  --only RUNTIME  one of these runtimes; may be repeated:
                 serve  \`dockless serve\` on disk
                 nginx  the same behind nginx with TLS, by the recipe of docs/proxy.md
                 caddy  the same behind Caddy
                 cloud  the synthesized stack on the local cloud (npm run cloud)
                 harsh  the same in harsh mode, which replaces function environments continually
  --help`;

/** Parses the options of the command line. Prints the usage and exits for --help and for invalid options. */
export function parseOptions(): Options {
  const values = parseSuiteArgs(USAGE, {
    quick: { type: "boolean" },
    only: { type: "string", multiple: true },
  });
  return {
    quick: values.quick === true,
    runtimes: chooseNames(USAGE, RUNTIMES, values.only),
    folder: join(import.meta.dirname, "../../.cache/identities"),
  };
}
