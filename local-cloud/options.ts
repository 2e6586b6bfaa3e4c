import { join } from "node:path";
import { parseSuiteArgs, refuse } from "./support/suite-options.ts";

export interface Options {
  /** Where `cdk synth` writes. */
  readonly out: string;
  readonly synth: boolean;
  /** Of the front; any that is free by default. */
  readonly port: number | undefined;
  readonly isHarsh: boolean;
  readonly recycle: boolean;
  /** How probable it is that a request's environment is killed. */
  readonly chaos: number;
  /** How many event functions may work at once. */
  readonly concurrency: number;
  /** What the functions print goes there. */
  readonly logs: string;
  /** What all functions have in their environment besides. */
  readonly variables: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, "..");

const USAGE = `usage: npm run cloud -- [options]

Runs the synthesized stack (cdk.out) on this machine: its functions, behind stand-ins for API Gateway, Lambda, Web
Functions and CloudFront that enforce their limits, over an S3-compatible server and DynamoDB Local. Each call to these
is checked against the policies of the function that makes it.

  --port N         of the front (CloudFront); any that is free by default
  --synth          synthesizes first, even if cdk.out is there
  --out DIR        another folder than cdk.out
  --harsh          adds what AWS may do, as far as it is known: headers that are renamed, lengths that are lost
  --recycle        new environments all the time
  --chaos RATE     kills environments during this part of all requests, for example 0.05
  --concurrency N  how many event functions may run at once (100 by default; a new account may have 10)
  --logs DIR       where what the functions print is kept (.cache/cloud by default)
  --env NAME=VALUE one more variable of the functions' environment; may be given several times
  --help

It prints the names of bucket and table, the addresses of its parts, what to type so that "dockless user add --table" and
the like work on them, and at last "cloud ready on http://127.0.0.1:PORT". Examples:

  npm run cloud -- --port 5000
  docker push localhost:5000/image

  curl CONTROL/stats                             what the functions did and cost, by the address "control on ..."
  curl -X POST CONTROL/reset                     sets these figures to zero
  curl -X POST "CONTROL/chaos?rate=0.1"          changes how many requests lose their environment
  curl -X POST CONTROL/deploy                    does what a deployment of cdk.out as it is now would do once: applies
                                                 an access file that is another one`;

/** Ends the process when there is nothing to run. */
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
    port: values.port === undefined ? undefined : number(values.port, 65_535),
    isHarsh: values.harsh === true,
    recycle: values.recycle === true,
    chaos: values.chaos === undefined ? 0 : number(values.chaos, 1),
    concurrency: values.concurrency === undefined ? 100 : number(values.concurrency, 1000),
    logs: values.logs ?? join(ROOT, ".cache/cloud"),
    variables: Object.fromEntries((values.env ?? []).map(variable)),
  };
}

function variable(text: string): [string, string] {
  const { name = "", value = "" } = /^(?<name>[A-Za-z]\w*)=(?<value>.*)$/.exec(text)?.groups ?? {};
  return name === "" ? refuse(text, USAGE) : [name, value];
}

function number(text: string, most: number): number {
  const value = Number(text);
  return value >= 0 && value <= most ? value : refuse(text, USAGE);
}
