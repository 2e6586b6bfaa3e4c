import { Command, InvalidArgumentError, Option } from "commander";
import { VARIABLES } from "../../ports/environment.ts";
import { type ServeOptions, serve } from "../serve/serve.ts";
import { addAwsOptions } from "./aws-options.ts";

/** Creates the command `dockless serve`. */
export function createServeCommand(): Command {
  const command = new Command("serve").description(
    "Run the registry on this machine, with its data in a folder, or in S3 and DynamoDB.",
  );
  addServerOptions(command);
  addAwsOptions(command, { required: false });
  return command
    .addOption(new Option("--no-redirect", "stream pulls from S3 instead of redirecting clients to it"))
    .addOption(new Option("--s3-multipart", "send large blobs to S3 as parallel parts instead of one stream"))
    .addOption(
      new Option("--url-lifetime <seconds>", "lifetime of redirect URLs")
        .env(VARIABLES.urlLifetime)
        .default(900)
        .argParser(parseLifetime),
    )
    .addOption(
      new Option("--public-url <url>", "public URL of the registry, if it is behind a proxy")
        .env(VARIABLES.publicUrl)
        .argParser(parsePublicUrl),
    )
    .addOption(
      new Option("--token-lifetime <seconds>", "lifetime of access tokens")
        .env(VARIABLES.tokenLifetime)
        .default(300)
        .argParser(parseTokenLifetime),
    )
    .addOption(new Option("--allow-anonymous", "allow all clients full access while there are no accounts"))
    .addOption(
      new Option(
        "--behind-edge",
        "run as an origin of the AWS stack: trust the host header of the edge, and deny access while there are no accounts",
      ),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (options: ServeOptions) => {
      process.exitCode = await serve(options);
    });
}

function addServerOptions(command: Command): void {
  command
    .addOption(
      new Option("--port <number>", "port to listen on; 0 selects a free port")
        .env(VARIABLES.port)
        .default(5000)
        .argParser(parsePort),
    )
    .addOption(
      new Option("--host <address>", "address to listen on").env(VARIABLES.host).default("127.0.0.1"),
    )
    .addOption(new Option("--data <folder>", "data folder").env(VARIABLES.data).default("data"))
    .addOption(
      new Option("--log <level>", "what to log, as JSON lines on standard error")
        .env(VARIABLES.log)
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

While there are no accounts, all clients have full access, and the command requires a loopback address unless
--allow-anonymous is set. The first account or grant ends this immediately, even while the command runs.

The command runs until SIGTERM or SIGINT, then completes the requests in flight.
It exits with 1 if it cannot start.`;

/** Parses a lifetime of at most one week: AWS's limit for presigned URLs. */
function parseLifetime(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,6}$/.test(text) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new InvalidArgumentError("Use a number of seconds from 1 to 604800.");
}

/** Parses a token lifetime. The maximum bounds the time until the tokens of a removed account expire. */
function parseTokenLifetime(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,5}$/.test(text) && seconds >= 60 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError("Use a number of seconds from 60 to 3600.");
}

function parsePublicUrl(text: string): URL {
  const url = URL.parse(text);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isPlain) return url;
  throw new InvalidArgumentError("Use a URL such as https://registry.example.com, without a path.");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError("Use a number from 0 to 65535.");
}
