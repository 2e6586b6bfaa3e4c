import { Command, InvalidArgumentError, Option } from "commander";
import { secondsIn, sizeIn } from "../../doctor/size.ts";
import { isRepositoryName } from "../../oci/repository-name.ts";
import type { DoctorSettings } from "../doctor.ts";

export function doctorCommand(): Command {
  const command = new Command("doctor").description(
    "Check a live registry from end to end, as clients would use it, and tell what is wrong and what to do.",
  );
  addOptions(command);
  return command
    .argument("[url]", "address of the registry, https unless it says otherwise", parseBase)
    .addHelpText("after", EXAMPLES)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .action(async (base: URL | undefined, options: DoctorSettings) => {
      const { doctor } = await import("../doctor.ts");
      process.exitCode = await doctor(base, options);
    });
}

function addOptions(command: Command): void {
  command
    .addOption(new Option("--username <name>", "sign in with this name").env("DOCKLESS_USERNAME"))
    .addOption(new Option("--password-stdin", "read the password from standard input, not DOCKLESS_PASSWORD"))
    .addOption(
      new Option("--size <size>", "of the large blobs, for example 300MB or 5GB")
        .default(20_000_000, "20MB")
        .argParser(parseSize),
    )
    .addOption(
      new Option("--duration <time>", "also make an upload that takes so long, for example 10m").argParser(
        parseTime,
      ),
    )
    .addOption(
      new Option("--timeout <time>", "how long to wait without a byte moving")
        .default(60, "60s")
        .argParser(parseTime),
    )
    .addOption(
      new Option("--repository <name>", "where to push (default: dockless-doctor/<random>)").argParser(
        parseRepository,
      ),
    )
    .addOption(
      new Option(
        "--only <names>",
        "make only these checks, and those that all others rest on; with commas between",
      ).argParser(parseNames),
    )
    .addOption(new Option("--list", "list the checks, and make none"))
    .addOption(new Option("--json", "print one JSON document"));
}

const EXAMPLES = `
Examples:
  $ dockless doctor https://registry.example.com
  $ echo "$PASSWORD" | dockless doctor registry.example.com --username ci --password-stdin
  $ dockless doctor registry.example.com --only large-patch,large-put --size 5GB
  $ dockless doctor registry.example.com --only long-upload --duration 14m
  $ dockless doctor http://127.0.0.1:5000 --json

It pushes random bytes to a repository of its own, and removes them at the end, after Ctrl-C too.
It exits with 0 when all is well (there may be warnings), with 1 when a check failed, with 2 when the registry cannot be
reached or the command is wrong, and with 130 after Ctrl-C.`;

function parseBase(text: string): URL {
  const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== "/" ||
    url.search + url.hash !== ""
  ) {
    throw new InvalidArgumentError("An address is https://host or https://host:port, without a path.");
  }
  if (url.username + url.password !== "") {
    throw new InvalidArgumentError(
      "Name the user with --username, and keep the password out of the address.",
    );
  }
  return url;
}

function parseSize(text: string): number {
  const size = sizeIn(text);
  if (size !== undefined && size > 0) return size;
  throw new InvalidArgumentError("A size is a number of bytes, or like 300KB, 20MB or 5GiB.");
}

function parseTime(text: string): number {
  const seconds = secondsIn(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw new InvalidArgumentError("A time is a number of seconds, or like 90s, 15m or 1h.");
}

function parseRepository(text: string): string {
  if (isRepositoryName(text)) return text;
  throw new InvalidArgumentError("Lower-case letters and digits, with . _ - or / between them.");
}

function parseNames(text: string): readonly string[] {
  return text.split(",").map((name) => name.trim());
}
