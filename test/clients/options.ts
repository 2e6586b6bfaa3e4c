import { parseArgs } from "node:util";
import { CASE_NAMES, type CaseName } from "./client.ts";
import { CLIENT_NAMES, type ClientName } from "./clients.ts";
import type { Credentials } from "./registry.ts";

/** Options of the command line. */
export interface Options {
  /** URL of a running registry; without it the suite starts one. */
  readonly url?: string;
  readonly credentials?: Credentials;
  readonly clients: readonly ClientName[];
  readonly cases: readonly CaseName[];
}

const HELP = `Pushes images with real clients, pulls them again, and compares the digests.
Missing clients are installed: Debian packages (as root) and Go programs into .cache/bin.

usage: npm run test:clients -- [options]

  --url URL            use a running registry (plain http on loopback) instead of starting one
  --username NAME      log each client in first
  --password PASSWORD
  --only NAMES         only these clients, of ${CLIENT_NAMES.join(",")}
  --sizes NAMES        only these images, of ${CASE_NAMES.join(",")}
                       (size of a single layer; multi: two platforms; copy: into a second repository;
                       absent: a tag that is read before its first push, and right after it)
  --help`;

/** Parses the options of the command line. @throws Error when an option is unknown or invalid */
export function parseOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: "string" },
      username: { type: "string" },
      password: { type: "string" },
      only: { type: "string" },
      sizes: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return "help";
  const { url, username, password } = values;
  if ((username === undefined) !== (password === undefined)) {
    throw new Error("--username and --password must be given together");
  }
  return {
    ...(url === undefined ? {} : { url }),
    ...(username === undefined || password === undefined ? {} : { credentials: { username, password } }),
    clients: select("--only", values.only, CLIENT_NAMES),
    cases: select("--sizes", values.sizes, CASE_NAMES),
  };
}

/** Returns the text of `--help`. */
export function getHelp(): string {
  return HELP;
}

function select<Name extends string>(
  option: string,
  list: string | undefined,
  all: readonly Name[],
): readonly Name[] {
  if (list === undefined) return all;
  const unknown = new Set(list.split(","));
  const selected = all.filter((name) => unknown.delete(name));
  if (unknown.size === 0) return selected;
  throw new Error(`${option}: ${[...unknown].join(", ")} unknown: use ${all.join(", ")}`);
}
