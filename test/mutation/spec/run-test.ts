import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Checkout } from "./checkout.ts";

/** Time limit of a test, which may wait forever when a line is missing. */
const TEST_TIMEOUT_MILLISECONDS = 180_000;

/** Results of the tests with a title. */
export interface TestRun {
  readonly passed: number;
  readonly failed: number;
  /** Whether the file did not run to completion: it failed to load, or exceeded the time limit. */
  readonly isBroken: boolean;
}

/** Runs the tests with a title in a separate process. */
export async function runTest({ path }: Checkout, testFile: string, title: string): Promise<TestRun> {
  const report = join(path, "report.json");
  await rm(report, { force: true });
  const args = ["run", testFile, "--testNamePattern", patternOf(title)];
  const child = spawn(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", ...args, "--reporter=json", "--outputFile", report],
    { cwd: path, stdio: "ignore", detached: true },
  );
  const timer = setTimeout(() => killGroup(child), TEST_TIMEOUT_MILLISECONDS);
  await once(child, "exit");
  clearTimeout(timer);
  return await readReport(report);
}

/** Ends the process and those that its tests have started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, "SIGKILL");
}

async function readReport(path: string): Promise<TestRun> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: 0, isBroken: true };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(text) as {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
    readonly testResults: readonly { readonly status: string }[];
  };
  const isBroken = testResults.some(({ status }) => status === "failed") && numFailedTests === 0;
  return { passed: numPassedTests, failed: numFailedTests, isBroken };
}

/** Returns a pattern of the title, in which placeholders match any text. */
function patternOf(title: string): string {
  const literal = title.split(/%[sdij]|\$\w+/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return `(?:^| )${literal.join(".*")}$`;
}
