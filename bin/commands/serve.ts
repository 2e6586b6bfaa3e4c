import { Command, InvalidArgumentError, Option } from "commander";
import { type ServeOptions, serve } from "../serve.ts";
import { addAwsOptions } from "./aws-options.ts";

export function serveCommand(): Command {
  const command = new Command("serve").description(
    "Run the registry on this machine, with its data in one folder, or in S3 and DynamoDB.",
  );
  addHomeOptions(command);
  addAwsOptions(command, { required: false });
  return command
    .addOption(new Option("--no-redirect", "stream pulls from S3 instead of sending clients there"))
    .addOption(
      new Option("--url-lifetime <seconds>", "how long the URLs that pulls are sent to are good for")
        .env("DOCKLESS_URL_LIFETIME")
        .default(900)
        .argParser(parseLifetime),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (options: ServeOptions) => {
      process.exitCode = await serve(options);
    });
}

function addHomeOptions(command: Command): void {
  command
    .addOption(
      new Option("--port <number>", "port to listen on; 0 picks a free one")
        .env("DOCKLESS_PORT")
        .default(5000)
        .argParser(parsePort),
    )
    .addOption(
      new Option("--host <address>", "address to listen on").env("DOCKLESS_HOST").default("127.0.0.1"),
    )
    .addOption(
      new Option("--data <folder>", "where images and records are kept").env("DOCKLESS_DATA").default("data"),
    )
    .addOption(
      new Option("--log <what>", "what to log, as lines of JSON on standard error")
        .env("DOCKLESS_LOG")
        .choices(["requests", "errors", "nothing"])
        .default("errors"),
    );
}

const EXAMPLES = `
Examples:
  $ dockless serve
  $ dockless serve --port 8080 --data /var/lib/dockless
  $ DOCKLESS_LOG=requests dockless serve --host 0.0.0.0
  $ dockless serve --bucket my-images --table my-images --region eu-central-1

The command runs until it gets SIGTERM or SIGINT, and lets requests in flight finish then.
It exits with 1 when it cannot start.`;

/** AWS signs no URL for longer than a week. */
function parseLifetime(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,6}$/.test(text) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new InvalidArgumentError("A lifetime is a number of seconds from 1 to 604800.");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError("A port is a number from 0 to 65535.");
}
