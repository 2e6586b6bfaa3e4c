import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestAccount } from "../../../local-cloud/accounts.ts";
import type { FunctionStats } from "../../../local-cloud/stats.ts";
import type { AwsLocation } from "../../../local-cloud/support/aws-location.ts";

const PROGRAM = join(import.meta.dirname, "../../../local-cloud/run.ts");

/** Local cloud in a separate process. */
export interface RunningCloud {
  /** URL of the front, which `npm run cloud` prints last. */
  readonly url: string;
  readonly apiUrl: string;
  /** URL of the web function's own hostname; undefined without direct pushes. */
  readonly directUrl: string | undefined;
  /** Account with all permissions. */
  readonly account: TestAccount;
  /** Lines printed until the cloud was ready. */
  readonly printed: readonly string[];
  /** Location of the stores, for this process and its suites. */
  readonly location: AwsLocation;
  readonly env: Readonly<Record<string, string>>;
  stats(): Promise<Readonly<Record<string, FunctionStats>>>;
  /** Sets the probability that a request's environment is killed. */
  setChaos(rate: number): Promise<void>;
  /** Shuts down the environments of the next uploads. */
  cutUploads(count: number): Promise<void>;
  /** Deploys the stack as synthesized last. @returns the number of functions that this invoked */
  deploy(): Promise<number>;
  /** Returns the process ids of the web function. */
  webPids(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/** Starts the local cloud. */
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
    directUrl: addresses.get("direct pushes on"),
    printed,
    account: parse<TestAccount>(await ask(control, "/account")),
    location: { bucket, table, endpoints },
    env,
    stats: async () => parse<StatsFacts>(await ask(control, "/stats")).functions,
    setChaos: async (rate) => {
      await ask(control, `/chaos?rate=${rate}`, "POST");
    },
    cutUploads: async (count) => {
      await ask(control, `/cuts?uploads=${count}`, "POST");
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
type PlaceFacts = { readonly env: Variables; readonly variables: Variables } & Pick<AwsLocation, "endpoints">;
type DeployFacts = { readonly invoked: number; readonly error?: string };
type StatsFacts = { readonly functions: Readonly<Record<string, FunctionStats>> };

async function ask(control: string, path: string, method = "GET"): Promise<string> {
  return await (await fetch(`${control}${path}`, { method })).text();
}

/** Parses JSON of the cloud, whose types are shared. */
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
  throw new Error(`the cloud exited before it was ready; more in ${log}`);
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

/** Returns the options with which suites find the cloud and sign in. */
export function signedIn({ url, account }: RunningCloud): readonly string[] {
  return ["--url", url, "--username", account.username, "--password", account.password];
}
