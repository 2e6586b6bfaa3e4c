import { Command, InvalidArgumentError, Option } from "commander";
import { type ServeOptions, serve } from "../serve/serve.ts";
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
    .addOption(
      new Option("--public-url <url>", "where clients reach the registry, if it is behind a proxy")
        .env("DOCKLESS_PUBLIC_URL")
        .argParser(parsePublicUrl),
    )
    .addOption(
      new Option("--token-lifetime <seconds>", "how long the tokens are good for that clients get")
        .env("DOCKLESS_TOKEN_LIFETIME")
        .default(300)
        .argParser(parseTokenLifetime),
    )
    .addOption(
      new Option("--allow-anonymous", "let everybody do everything as long as there are no accounts"),
    )
    .addOption(
      new Option(
        "--behind-edge",
        "be an origin of the AWS stack: believe the edge which host was asked for, and start closed",
      ),
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
  $ dockless user add alice && dockless access grant user:alice '**' pull,push,delete
  $ DOCKLESS_LOG=requests dockless serve --host 0.0.0.0 --public-url https://registry.example.com
  $ dockless serve --bucket my-images --table my-images --region eu-central-1

Without accounts everybody may do everything, and the command listens on this machine alone unless --allow-anonymous
is given. The first account or grant ends that at once, also while the command runs.

The command runs until it gets SIGTERM or SIGINT, and lets requests in flight finish then.
It exits with 1 when it cannot start.`;

/** AWS signs no URL for longer than a week. */
function parseLifetime(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,6}$/.test(text) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new InvalidArgumentError("A lifetime is a number of seconds from 1 to 604800.");
}

/** Long enough for a request to arrive, short enough for a revoked account to be out soon. */
function parseTokenLifetime(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,5}$/.test(text) && seconds >= 60 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError("A token's lifetime is a number of seconds from 60 to 3600.");
}

function parsePublicUrl(text: string): URL {
  const url = URL.parse(text);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isPlain) return url;
  throw new InvalidArgumentError("A public URL is like https://registry.example.com, without a path.");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError("A port is a number from 0 to 65535.");
}
