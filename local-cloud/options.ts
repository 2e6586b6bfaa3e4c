import { join } from "node:path";
import { exitWithUsage, parseSuiteArgs } from "./support/suite-options.ts";

/** Command-line options. */
export interface Options {
  /** Output folder of `cdk synth`. */
  readonly out: string;
  readonly synth: boolean;
  /** Port of the CloudFront emulator; undefined selects a free port. */
  readonly port: number | undefined;
  readonly isHarsh: boolean;
  readonly recycle: boolean;
  /** Probability that a request's environment is killed. */
  readonly chaos: number;
  /** Maximum number of event functions that run concurrently. */
  readonly concurrency: number;
  /** Folder for the functions' logs. */
  readonly logs: string;
  /** Additional environment variables for all functions. */
  readonly variables: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, "..");

const USAGE = `usage: npm run cloud -- [options]

Runs the synthesized stack (cdk.out) on this machine: its functions, behind emulators of API Gateway, Lambda, Web
Functions and CloudFront that enforce their limits, over an S3-compatible server and DynamoDB Local. Each call to these
is authorized by the policies of the calling function's role.

  --port N         port of the CloudFront emulator; a free port by default
  --synth          synthesizes first, even if cdk.out exists
  --out DIR        folder to use instead of cdk.out
  --harsh          adds behaviour that AWS may have: renamed headers, lost lengths
  --recycle        replaces environments frequently
  --chaos RATE     kills the environment of this fraction of requests, for example 0.05; half of those of the Web Function
                   are shut down instead: SIGTERM, and SIGKILL one second later, with uploads cut
  --concurrency N  maximum number of concurrent event functions (100 by default; a new account may have 10)
  --logs DIR       folder for the output of the functions (.cache/cloud by default)
  --env NAME=VALUE additional environment variable of the functions; may be repeated
  --help

It prints the names of bucket and table, the addresses of its parts, shell commands that make "dockless user add --table"
and others use them, and finally "cloud ready on http://127.0.0.1:PORT". Examples:

  npm run cloud -- --port 5000
  docker push localhost:5000/image

  curl CONTROL/stats                             returns statistics and cost of the functions; CONTROL is printed as "control on ..."
  curl -X POST CONTROL/reset                     resets the statistics
  curl -X POST "CONTROL/chaos?rate=0.1"          changes the fraction of requests whose environment is killed
  curl -X POST "CONTROL/cuts?uploads=1"          shuts down the environments of the next uploads of more than 1 MiB
  curl -X POST CONTROL/deploy                    repeats the one-time steps of deploying the current cdk.out: applies
                                                 a changed access file`;

/** Parses the command line. Exits after `--help`, and if an option is invalid. */
export function parseOptions(): Options {
  const values = parseSuiteArgs(USAGE, {
    port: { type: "string" },
    synth: { type: "boolean" },
    out: { type: "string" },
    harsh: { type: "boolean" },
    recycle: { type: "boolean" },
    chaos: { type: "string" },
    concurrency: { type: "string" },
    logs: { type: "string" },
    env: { type: "string", multiple: true },
  });
  return {
    out: values.out ?? join(ROOT, "cdk.out"),
    synth: values.synth === true,
    port: values.port === undefined ? undefined : parseNumber(values.port, 65_535),
    isHarsh: values.harsh === true,
    recycle: values.recycle === true,
    chaos: values.chaos === undefined ? 0 : parseNumber(values.chaos, 1),
    concurrency: values.concurrency === undefined ? 100 : parseNumber(values.concurrency, 1000),
    logs: values.logs ?? join(ROOT, ".cache/cloud"),
    variables: Object.fromEntries((values.env ?? []).map(parseVariable)),
  };
}

function parseVariable(text: string): [string, string] {
  const { name = "", value = "" } = /^(?<name>[A-Za-z]\w*)=(?<value>.*)$/.exec(text)?.groups ?? {};
  return name === "" ? exitWithUsage(text, USAGE) : [name, value];
}

function parseNumber(text: string, max: number): number {
  const value = Number(text);
  return value >= 0 && value <= max ? value : exitWithUsage(text, USAGE);
}
