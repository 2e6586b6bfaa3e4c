import { AccessError, type AccessFailure } from "../../auth/access-error.ts";
import { InvalidFileError } from "../../auth/access-file/read-access-file.ts";
import { MalformedError } from "../../auth/malformed-error.ts";
import { RegistryMissingError } from "../../storage/disk/integrity/presence.ts";
import { DataFolderInUseError } from "../../storage/disk/lock.ts";
import { formatProgram } from "./program.ts";

/** Options that error messages refer to. */
interface StartOptions {
  /** Unset for commands that do not listen. */
  readonly port?: number;
  readonly host?: string;
  readonly data: string;
  /** Operating system. @default that of this machine */
  readonly platform?: NodeJS.Platform;
}

/** Port of the AirPlay receiver of macOS. */
const AIRPLAY_PORT = 5000;

/** Formats a start error as one line that includes the fix. */
export function formatStartError(error: unknown, options: StartOptions): string {
  const { port, host, data, platform = process.platform } = options;
  // Report the original error, not the error of the subsequent cleanup.
  if (error instanceof SuppressedError) return formatStartError(error.suppressed, options);
  if (error instanceof DataFolderInUseError)
    return `${error.message}: stop that process, or choose another folder with --data`;
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is in use${formatPortAdvice(port, platform)}`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is not an address of this machine: choose another with --host`;
    case "EACCES":
      return error instanceof Error && "syscall" in error && error.syscall === "listen"
        ? `port ${port} requires elevated privileges: choose a port above 1023 with --port`
        : formatUnwritableFolder(data);
    case "EROFS":
    case "EPERM":
    case "ENOENT":
      return formatUnwritableFolder(data);
    case "ENOTDIR":
    case "EEXIST":
      return formatNotAFolder(data);
    case "ENOSPC":
      return `no space left for the data folder ${data}: free disk space, or choose another folder with --data`;
    default:
      return formatError(error);
  }
}

/** The exit code after invalid arguments. */
export const USAGE_EXIT_CODE = 2;

/** Invalid or conflicting options. */
export class UsageError extends Error {}

/** Returns the exit code of a command that failed: 2 for invalid arguments, otherwise 1. */
export function exitCodeFor(error: unknown): number {
  const isUsage = error instanceof UsageError || error instanceof MalformedError;
  return isUsage && !(error instanceof InvalidFileError) ? USAGE_EXIT_CODE : 1;
}

/** Runs a command. On failure, prints one line and sets the exit code to 2 for invalid arguments, otherwise to 1. */
export async function reportFailure(command: () => Promise<void>): Promise<void> {
  await command().catch((error: unknown) => printError(formatError(error), exitCodeFor(error)));
}

/** Prints an error and sets the exit code. */
export function printError(line: string, exitCode = 1): void {
  process.stderr.write(`dockless: ${line}\n`);
  process.exitCode = exitCode;
}

/** Formats an error as one line. */
export function formatError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AccessError) return `${error.message}${findAdvice(error.failure)}`;
  if (error instanceof RegistryMissingError)
    return `${error.message}: choose the data folder of the registry with --data, or create one with \`${formatProgram()} init --data ${error.folder}\``;
  if (error.message === "") return codeOf(error) ?? error.name;
  return findAwsConfigurationError(error) ?? error.message;
}

/** Returns the command that fixes the failure, or an empty string if the message already contains it. */
function findAdvice(failure: AccessFailure): string {
  switch (failure.code) {
    case "KIND_TAKEN":
      return `: remove it with \`${formatProgram()} ${failure.taken} remove ${failure.name}\`, or rename one of them`;
    case "LAST_ADMIN":
      return ": keep an admin grant in the file, merge the file with --add, or apply it with --force";
    case "GRANT_UNKNOWN":
      return `: see \`${formatProgram()} access list\``;
    case "ACCOUNT_UNKNOWN":
      return `: see \`${formatProgram()} ${failure.kind} list\``;
    case "NAME_TAKEN":
      return ": choose another name, or replace its secret with `rotate`";
    default:
      return "";
  }
}

/** Returns the message for missing AWS credentials or a missing region, or undefined for any other error. */
export function findAwsConfigurationError({ name, message }: Error): string | undefined {
  if (name === "CredentialsProviderError") {
    return "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws sso login`";
  }
  return message === "Region is missing" ? "no AWS region: set one with --region" : undefined;
}

function formatPortAdvice(port: number | undefined, platform: NodeJS.Platform): string {
  return platform === "darwin" && port === AIRPLAY_PORT
    ? ", on macOS usually by the AirPlay receiver: turn it off, or choose another port with --port"
    : ": stop the process that listens on it, or choose another with --port";
}

function formatUnwritableFolder(data: string): string {
  return `data folder ${data} is not writable: change its permissions, or choose another with --data`;
}

function formatNotAFolder(data: string): string {
  return `${data} is not a folder, or contains a file in place of a folder: choose the data folder with --data`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
