import { parseArgs } from "node:util";
import { CASE_NAMES, type CaseName } from "./client.ts";
import { CLIENT_NAMES, type ClientName } from "./clients.ts";
import type { Credentials } from "./registry.ts";

export interface Options {
  /** URL of a running registry; without it the suite starts one. */
  readonly url?: string;
  readonly credentials?: Credentials;
  readonly clients: readonly ClientName[];
  readonly cases: readonly CaseName[];
}

const HELP = `Pushes images with real clients and pulls them back; the same digests must come out.
Missing clients are installed: Debian packages (as root) and Go programs into .cache/bin.

usage: npm run test:clients -- [options]

  --url URL            use the registry that runs there (plain http on loopback) instead of starting one
  --username NAME      log each client in first
  --password PASSWORD
  --only NAMES         only these clients, of ${CLIENT_NAMES.join(",")}
  --sizes NAMES        only these images, of ${CASE_NAMES.join(",")}
                       (a single layer of that size; multi: two platforms; copy: into a second repository)
  --help`;

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
    throw new Error("--username and --password belong together");
  }
  return {
    ...(url === undefined ? {} : { url }),
    ...(username === undefined || password === undefined ? {} : { credentials: { username, password } }),
    clients: select("--only", values.only, CLIENT_NAMES),
    cases: select("--sizes", values.sizes, CASE_NAMES),
  };
}

export function help(): string {
  return HELP;
}

function select<Name extends string>(
  option: string,
  list: string | undefined,
  all: readonly Name[],
): readonly Name[] {
  if (list === undefined) return all;
  const wanted = new Set(list.split(","));
  const selected = all.filter((name) => wanted.delete(name));
  if (wanted.size === 0) return selected;
  throw new Error(`${option}: ${[...wanted].join(", ")} is none of ${all.join(", ")}`);
}
