import { AccessError, type AccessFailure } from "../../auth/access-error.ts";
import { DataFolderInUseError } from "../../storage/disk/lock.ts";

interface Wanted {
  readonly port: number;
  readonly host: string;
  readonly data: string;
}

/** Why the server does not start, and what to do about it, in one line. */
export function whyNotStarted(error: unknown, { port, host, data }: Wanted): string {
  if (error instanceof DataFolderInUseError)
    return `${error.message}: stop that one, or choose another with --data`;
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is taken: stop what listens there, or choose another with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is no address of this machine: choose another with --host`;
    case "EACCES":
      return error instanceof Error && "syscall" in error && error.syscall === "listen"
        ? `port ${port} needs more rights than this user has: choose one above 1023 with --port`
        : unwritable(data);
    case "EROFS":
    case "EPERM":
    case "ENOTDIR":
    case "ENOENT":
    case "EEXIST":
      return unwritable(data);
    case "ENOSPC":
      return `no space left for the data folder ${data}`;
    default:
      return whyFailed(error);
  }
}

/** Runs a command; prints its failure in one line, and makes the process exit with 1. */
export async function reportFailure(command: () => Promise<void>): Promise<void> {
  await command().catch((error: unknown) => printFailure(whyFailed(error)));
}

/** Makes the process exit with 1. */
export function printFailure(line: string): void {
  process.stderr.write(`dockless: ${line}\n`);
  process.exitCode = 1;
}

/** An error of a command in one line. */
export function whyFailed(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AccessError) return `${error.message}${adviceOn(error.failure)}`;
  if (error.message === "") return codeOf(error) ?? error.name;
  return whyAwsNotAsked(error) ?? error.message;
}

/** The command that helps, where the failure alone does not name it. */
function adviceOn(failure: AccessFailure): string {
  switch (failure.code) {
    case "KIND_TAKEN":
      return `: \`dockless ${failure.taken} remove ${failure.name}\`, or call one of them otherwise`;
    case "GRANT_UNKNOWN":
      return ": see `dockless access list`";
    default:
      return "";
  }
}

/** What the SDK lacks to ask AWS at all; undefined when the error is about something else. */
export function whyAwsNotAsked({ name, message }: Error): string | undefined {
  if (name === "CredentialsProviderError") {
    return "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws sso login`";
  }
  return message === "Region is missing" ? "no AWS region: name one with --region" : undefined;
}

function unwritable(data: string): string {
  return `cannot write to the data folder ${data}: make it writable for this user, or choose another with --data`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
