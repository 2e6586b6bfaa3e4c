import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import type { Credentials } from "../client/sign-in.ts";
import { CHECKS } from "../doctor/checks.ts";
import { diagnose, exitCodeOf, type Report } from "../doctor/doctor.ts";
import { linesOf, summaryLine } from "../doctor/findings/report.ts";
import { parseRepositoryName } from "../oci/repository-name.ts";
import { Progress } from "./output/progress.ts";

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

const WRONG_USAGE = 2;
const INTERRUPTED = 130;

/** Checks a registry, and prints what it finds. @returns the exit code */
export async function doctor(base: URL | undefined, settings: DoctorSettings): Promise<number> {
  if (settings.list) return listChecks();
  const unknown = (settings.only ?? []).filter((name) => CHECKS.every((check) => check.name !== name));
  if (unknown.length > 0)
    return refuse(`no such check: ${unknown.join(", ")}; dockless doctor --list names them`);
  if (base === undefined)
    return refuse("tell the address of the registry, for example https://registry.example.com");
  const credentials = await credentialsOf(settings);
  if (typeof credentials === "string") return refuse(credentials);
  return await visit(base, settings, credentials);
}

async function visit(
  base: URL,
  settings: DoctorSettings,
  credentials: Credentials | undefined,
): Promise<number> {
  const repository = parseRepositoryName(
    settings.repository ?? `dockless-doctor/${randomBytes(6).toString("hex")}`,
  );
  const progress = new Progress(process.stderr);
  const interruption = onInterruption();
  if (!settings.json) print(`${base.origin}, in the repository ${repository}`);
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
      if (!settings.json) print(linesOf(result));
    },
  });
  const interrupted = interruption.aborted;
  if (settings.json)
    print(JSON.stringify({ url: base.origin, repository, interrupted, ...report }, undefined, 2));
  else conclude(report, interrupted);
  return interrupted ? INTERRUPTED : exitCodeOf(report);
}

function conclude({ results }: Report, interrupted: boolean): void {
  print(`${interrupted ? "interrupted: " : ""}${summaryLine(results)}`);
}

/** The first signal ends the checks, so that what they pushed can be removed; the second ends the process. */
function onInterruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      process.stderr.write("dockless: ending; cleaning up what was pushed (again to leave it there)\n");
      controller.abort();
    });
  return controller.signal;
}

/** @returns why there are none, if they were meant to be there */
async function credentialsOf({
  username,
  passwordStdin,
}: DoctorSettings): Promise<Credentials | string | undefined> {
  const password = passwordStdin
    ? (await text(process.stdin)).replace(/\r?\n$/, "")
    : process.env["DOCKLESS_PASSWORD"];
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined) return "there is a password, but no --username";
  if (password === undefined || password === "") {
    return "there is a username, but no password: give it with --password-stdin, or in DOCKLESS_PASSWORD";
  }
  return { username, password };
}

function listChecks(): number {
  for (const { name, asks, settles } of CHECKS) {
    print(`${name.padEnd(16)} ${asks}`);
    if (settles !== undefined) print(`${"".padEnd(16)} settles ${settles}`);
  }
  return 0;
}

function refuse(message: string): number {
  process.stderr.write(`dockless: ${message}\n`);
  return WRONG_USAGE;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
