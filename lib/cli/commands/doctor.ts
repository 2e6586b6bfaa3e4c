import { Command, InvalidArgumentError, Option } from "commander";
import { readDuration, readSize } from "../../doctor/size.ts";
import { isRepositoryName } from "../../oci/repository-name.ts";
import { VARIABLES } from "../../ports/environment.ts";
import type { DoctorSettings } from "../doctor.ts";

/** Creates the command `dockless doctor`. */
export function createDoctorCommand(): Command {
  const command = new Command("doctor").description(
    "Check a live registry end to end, the way clients use it, and report failures with their likely cause and fix.",
  );
  addOptions(command);
  return command
    .argument("[url]", "URL of the registry; https by default", parseBase)
    .addHelpText("after", EXAMPLES)
    .action(async (base: URL | undefined, options: DoctorSettings) => {
      const { runDoctor } = await import("../doctor.ts");
      process.exitCode = await runDoctor(base, options);
    });
}

function addOptions(command: Command): void {
  command
    .addOption(new Option("--username <name>", "username to authenticate with").env(VARIABLES.username))
    .addOption(
      new Option("--password-stdin", "read the password from standard input instead of DOCKLESS_PASSWORD"),
    )
    .addOption(
      new Option("--size <size>", "size of the large blobs, for example 300MB or 5GB")
        .default(20_000_000, "20MB")
        .argParser(parseSize),
    )
    .addOption(
      new Option("--duration <time>", "duration of the long-upload check, for example 10m").argParser(
        parseTime,
      ),
    )
    .addOption(
      new Option("--timeout <time>", "idle timeout of each request").default(60, "60s").argParser(parseTime),
    )
    .addOption(
      new Option(
        "--repository <name>",
        "repository to push to (default: dockless-doctor/<random>)",
      ).argParser(parseRepository),
    )
    .addOption(
      new Option(
        "--only <names>",
        "run only these checks (comma-separated) and their prerequisites",
      ).argParser(parseNames),
    )
    .addOption(new Option("--list", "list the checks without running them"))
    .addOption(new Option("--json", "print one JSON document"));
}

const EXAMPLES = `
Examples:
  $ dockless doctor https://registry.example.com
  $ echo "$PASSWORD" | dockless doctor registry.example.com --username ci --password-stdin
  $ dockless doctor registry.example.com --only large-patch,large-put --size 5GB
  $ dockless doctor registry.example.com --only long-upload --duration 14m
  $ dockless doctor http://127.0.0.1:5000 --json

The command pushes random bytes to a separate repository, and deletes them at the end, even after Ctrl-C.
Exit status: 0 if no check failed (there may be warnings), 1 if a check failed, 2 if the registry is unreachable or the
arguments are invalid, 3 if checks were skipped because credentials are missing, 130 after Ctrl-C.`;

function parseBase(text: string): URL {
  const urlText = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(urlText) ? new URL(urlText) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== "/" ||
    url.search + url.hash !== ""
  ) {
    throw new InvalidArgumentError("Use https://host or https://host:port, without a path.");
  }
  if (url.username + url.password !== "") {
    throw new InvalidArgumentError("Set credentials with --username and --password-stdin, not in the URL.");
  }
  return url;
}

function parseSize(text: string): number {
  const size = readSize(text);
  if (size !== undefined && size > 0) return size;
  throw new InvalidArgumentError("Use a number of bytes, or a size such as 300KB, 20MB or 5GiB.");
}

function parseTime(text: string): number {
  const seconds = readDuration(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw new InvalidArgumentError("Use a number of seconds, or a duration such as 90s, 15m or 1h.");
}

function parseRepository(text: string): string {
  if (isRepositoryName(text)) return text;
  throw new InvalidArgumentError("Use lower-case letters and digits, separated by . _ - or /.");
}

function parseNames(text: string): readonly string[] {
  return text.split(",").map((name) => name.trim());
}
