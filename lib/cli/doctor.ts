import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import type { Credentials } from "../client/registry-authenticator.ts";
import { CHECKS } from "../doctor/checks.ts";
import { diagnose, exitCodeOf, isWithoutCredentials, type Report } from "../doctor/doctor.ts";
import { formatBlocked, formatResult, formatSummary, isBlocked } from "../doctor/findings/report.ts";
import { parseRepositoryName } from "../oci/repository-name.ts";
import { VARIABLES } from "../ports/environment.ts";
import { USAGE_EXIT_CODE } from "./output/failure.ts";
import { Progress } from "./output/progress.ts";

/** Options of `dockless doctor`, as parsed from the command line. */
export interface DoctorSettings {
  readonly username?: string;
  readonly passwordStdin?: true;
  readonly size: number;
  readonly duration?: number;
  readonly timeout: number;
  readonly repository?: string;
  readonly only?: readonly string[];
  readonly list?: true;
  readonly json?: true;
}

const INTERRUPTED_EXIT_CODE = 130;

/** Checks a registry and prints the results. @returns the exit code */
export async function runDoctor(base: URL | undefined, settings: DoctorSettings): Promise<number> {
  if (settings.list) return listChecks();
  const unknown = (settings.only ?? []).filter((name) => CHECKS.every((check) => check.name !== name));
  if (unknown.length > 0)
    return rejectUsage(`unknown check: ${unknown.join(", ")}: see \`dockless doctor --list\``);
  if (base === undefined)
    return rejectUsage("registry URL missing: add it, for example https://registry.example.com");
  const credentials = await readCredentials(settings);
  if (typeof credentials === "string") return rejectUsage(credentials);
  return await runChecks(base, settings, credentials);
}

async function runChecks(
  base: URL,
  settings: DoctorSettings,
  credentials: Credentials | undefined,
): Promise<number> {
  const repository = parseRepositoryName(
    settings.repository ?? `dockless-doctor/${randomBytes(6).toString("hex")}`,
  );
  const progress = new Progress(process.stderr);
  const interruption = createInterruptSignal();
  if (!settings.json) print(`checking ${base.origin}, repository ${repository}`);
  const report = await diagnose({
    ...settings,
    base,
    repository,
    credentials,
    now: () => new Date(),
    random: randomBytes,
    signal: interruption,
    onSent: (check, sent, total) => progress.show(check, sent, total),
    onResult: (result) => {
      progress.clear();
      if (!settings.json && !isBlocked(result)) print(formatResult(result));
    },
  });
  const interrupted = interruption.aborted;
  if (settings.json)
    print(JSON.stringify({ url: base.origin, repository, interrupted, ...report }, undefined, 2));
  else printSummary(report, interrupted);
  return interrupted ? INTERRUPTED_EXIT_CODE : exitCodeOf(report);
}

function printSummary({ results }: Report, interrupted: boolean): void {
  for (const line of formatBlocked(results)) print(line);
  print(`${interrupted ? "interrupted: " : ""}${formatSummary(results)}`);
  if (isWithoutCredentials(results))
    print(
      "incomplete: the registry requires credentials; run the doctor again with --username and --password-stdin",
    );
}

/**
 * Returns a signal that is aborted on the first SIGINT or SIGTERM, so that pushed content can still be deleted. The second
 * signal ends the process.
 */
function createInterruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      process.stderr.write("dockless: interrupted: deleting pushed content (repeat to exit immediately)\n");
      controller.abort();
    });
  return controller.signal;
}

/** Returns the credentials, undefined if none are configured, or an error message if they are incomplete. */
async function readCredentials({
  username,
  passwordStdin,
}: DoctorSettings): Promise<Credentials | string | undefined> {
  const password = passwordStdin
    ? (await text(process.stdin)).replace(/\r?\n$/, "")
    : process.env[VARIABLES.password];
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined) return "username missing: set it with --username";
  if (password === undefined || password === "") {
    return "password missing: set it with --password-stdin or DOCKLESS_PASSWORD";
  }
  return { username, password };
}

function listChecks(): number {
  for (const { name, question: asks, settles } of CHECKS) {
    print(`${name.padEnd(16)} ${asks}`);
    if (settles !== undefined) print(`${"".padEnd(16)} verifies: ${settles}`);
  }
  return 0;
}

function rejectUsage(message: string): number {
  process.stderr.write(`dockless: ${message}\n`);
  return USAGE_EXIT_CODE;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
