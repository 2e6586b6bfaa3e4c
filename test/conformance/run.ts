import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { startServer } from "../support/server.ts";
import { findProgram, readBuildInfo } from "./install.ts";
import { parseJunit } from "./junit.ts";
import { RUNS, type Run, type Target } from "./programs.ts";
import { findUntested } from "./results-yaml.ts";
import { judge, type Verdict } from "./verdict.ts";

const USAGE =
  "usage: npm run test:conformance -- [--url URL [--username NAME --password PASSWORD] [--redirects]]";
const ROOT = join(import.meta.dirname, "../..");
const REPORTS = join(ROOT, ".cache/conformance");

const { url, ...targetOptions } = parseOptions();
const { target, stop } = await findTarget();
const verdicts: Verdict[] = [];
try {
  for (const run of RUNS) {
    const verdict = await perform(run, target).catch(asFailure);
    print(run, verdict);
    verdicts.push(verdict);
  }
} finally {
  await stop();
}
const failed = sum(verdicts.map(({ failures }) => failures.length));
const passed = sum(verdicts.map((verdict) => verdict.passed));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function findTarget(): Promise<{ target: Target; stop(): Promise<void> }> {
  if (url !== undefined) return { target: { url, ...targetOptions }, stop: async () => {} };
  const server = await startServer();
  return { target: { url: server.url, ...targetOptions }, stop: () => server.dispose() };
}

function parseOptions() {
  const options = {
    url: { type: "string" },
    username: { type: "string" },
    password: { type: "string" },
    redirects: { type: "boolean", default: false },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error(USAGE);
    process.exit(2);
  }
}

/** Runs a program against new repositories, so that it finds no content of another run. */
async function perform(run: Run, target: Target): Promise<Verdict> {
  const executable = await findProgram(run.program, { environment: process.env, cache: userCache() });
  console.log(`${run.name}: ${await readBuildInfo(executable)} against ${target.url}`);
  const reports = join(REPORTS, run.name);
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  const prefix = `conformance/${run.name}-${Date.now().toString(36)}`;
  const repositories = { first: `${prefix}/first`, second: `${prefix}/second` };
  const { exitCode, output } = await execute(
    executable,
    run.environment(target, repositories, reports),
    reports,
  );
  await writeFile(join(reports, "output.txt"), output);
  return judge({
    program: run.program,
    redirects: target.redirects === true,
    cases: parseJunit(await readReport(join(reports, "junit.xml"))),
    untested: run.program === "newer" ? findUntested(await readReport(join(reports, "results.yaml"))) : [],
    exitCode,
    output,
  });
}

/** Returns the user's cache folder. The XDG base directory specification treats an empty variable as unset. */
function userCache(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "dockless/bin");
}

/** Runs a program in its report folder and without the caller's `OCI_` variables, either of which could disable cases. */
async function execute(executable: string, settings: Record<string, string>, folder: string) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("OCI_"));
  const child = spawn(executable, {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 600_000,
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { exitCode: typeof code === "number" ? code : null, output: output + errors };
}

/** Reads a report. A missing one is empty, and the verdict then reports that no case ran. */
async function readReport(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}

function asFailure(error: unknown): Verdict {
  const messages = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) messages.push(cause.message);
  return { passed: 0, failures: [messages.join("\n  ")], allowed: [] };
}

function print({ name }: Run, { passed, failures, allowed }: Verdict): void {
  for (const line of allowed) console.log(`${name}: allowed, ${line}`);
  for (const line of failures) console.log(`${name}: FAILED, ${line}`);
  const counts = `${passed} passed, ${failures.length} failed, ${allowed.length} allowed`;
  console.log(`${name}: ${counts}; reports in ${relative(process.cwd(), join(REPORTS, name))}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
