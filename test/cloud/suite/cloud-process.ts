import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestAccount } from "../../../local-cloud/accounts.ts";
import type { FunctionStats } from "../../../local-cloud/stats.ts";
import type { AwsPlace } from "../../../local-cloud/support/aws-place.ts";

const PROGRAM = join(import.meta.dirname, "../../../local-cloud/run.ts");

/** The local cloud, as a process of its own. */
export interface RunningCloud {
  /** Of the front: `npm run cloud` prints it last. */
  readonly url: string;
  readonly apiUrl: string;
  /** Of somebody who may do everything. */
  readonly account: TestAccount;
  /** All lines that it printed until it was ready. */
  readonly printed: readonly string[];
  /** What this process and its suites need to look at the stores themselves. */
  readonly place: AwsPlace;
  readonly env: Readonly<Record<string, string>>;
  stats(): Promise<Readonly<Record<string, FunctionStats>>>;
  /** How probable it is from now on that a request loses its environment. */
  setChaos(rate: number): Promise<void>;
  /** Deploys the stack as it has been synthesized since. @returns how many functions that invoked */
  deploy(): Promise<number>;
  /** The processes of the web function. */
  webPids(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

export async function startCloud(args: readonly string[], log: string): Promise<RunningCloud> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const output = createWriteStream(log);
  child.stdout?.pipe(output, { end: false });
  child.stderr?.pipe(output, { end: false });
  const printed = await printedBy(child, log);
  const addresses = addressesOf(printed);
  const control = addresses.get("control on") ?? "";
  const { endpoints, env, variables } = parse<PlaceFacts>(await ask(control, "/place"));
  const { DOCKLESS_BUCKET: bucket = "", DOCKLESS_TABLE: table = "" } = variables;
  return {
    url: addresses.get("cloud ready on") ?? "",
    apiUrl: addresses.get("api gateway on") ?? "",
    printed,
    account: parse<TestAccount>(await ask(control, "/account")),
    place: { bucket, table, endpoints },
    env,
    stats: async () => parse<StatsFacts>(await ask(control, "/stats")).functions,
    setChaos: async (rate) => {
      await ask(control, `/chaos?rate=${rate}`, "POST");
    },
    deploy: async () => {
      const { invoked, error } = parse<DeployFacts>(await ask(control, "/deploy", "POST"));
      if (error !== undefined) throw new Error(error);
      return invoked;
    },
    webPids: async () => parse<{ readonly pids: readonly number[] }>(await ask(control, "/web")).pids,
    stop: () => stop(child),
  };
}

type Variables = Readonly<Record<string, string>>;
type PlaceFacts = { readonly env: Variables; readonly variables: Variables } & Pick<AwsPlace, "endpoints">;
type DeployFacts = { readonly invoked: number; readonly error?: string };
type StatsFacts = { readonly functions: Readonly<Record<string, FunctionStats>> };

async function ask(control: string, path: string, method = "GET"): Promise<string> {
  return await (await fetch(`${control}${path}`, { method })).text();
}

/** What the cloud says of itself is what its own types say. */
function parse<T>(json: string): T {
  return JSON.parse(json) as T;
}

async function printedBy(child: ChildProcess, log: string): Promise<readonly string[]> {
  const lines: string[] = [];
  if (child.stdout === null) throw new Error("the cloud's output is not piped");
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (!line.startsWith("cloud ready on ")) continue;
    child.stdout.resume();
    return lines;
  }
  throw new Error(`the cloud ended before it was ready; more in ${log}`);
}

function addressesOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const matches = lines.map((line) => /^(.+ on) (http\S+)$/.exec(line) ?? []);
  return new Map(matches.map(([, what = "", url = ""]) => [what, url]));
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** By which suites find the cloud, and sign in. */
export function signedIn({ url, account }: RunningCloud): readonly string[] {
  return ["--url", url, "--username", account.username, "--password", account.password];
}
