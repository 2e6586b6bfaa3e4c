import { Command, InvalidArgumentError, Option } from "commander";
import {
  DEFAULT_MAX_DESCRIPTORS,
  isDescriptorLimit,
  MAX_DESCRIPTOR_LIMIT,
} from "../../oci/descriptor-limit.ts";
import { VARIABLES } from "../../ports/environment.ts";
import { type ServeOptions, serve } from "../serve/serve.ts";
import { addAwsOptions } from "./aws-options.ts";
import { addHostOptions } from "./host-options.ts";

/** Creates the command `dockless serve`. */
export function createServeCommand(): Command {
  const command = new Command("serve").description(
    "Run the registry on this machine, with its data in a folder, or in S3 and DynamoDB.",
  );
  addServerOptions(command);
  addAwsOptions(command);
  addBlobOptions(command);
  addHostOptions(command);
  return command
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
        "run as an origin of the AWS stack: require its secret (DOCKLESS_ORIGIN_SECRET), trust the headers of the edge, and deny access while there are no accounts",
      ),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (options: ServeOptions) => {
      process.exitCode = await serve(options);
    });
}

/** Adds the options for blobs in S3. */
function addBlobOptions(command: Command): void {
  command
    .addOption(new Option("--no-redirect", "stream pulls from S3 instead of redirecting clients to it"))
    .addOption(new Option("--s3-multipart", "send large blobs to S3 as parallel parts instead of one stream"))
    .addOption(
      new Option("--url-lifetime <seconds>", "lifetime of redirect URLs")
        .env(VARIABLES.urlLifetime)
        .default(900)
        .argParser(parseLifetime),
    );
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
      new Option("--max-descriptors <number>", "maximum number of layers, or of manifests in an index")
        .env(VARIABLES.maxDescriptors)
        .default(DEFAULT_MAX_DESCRIPTORS)
        .argParser(parseMaxDescriptors),
    )
    .addOption(
      new Option("--max-connections <number>", "maximum number of concurrent connections")
        .env(VARIABLES.maxConnections)
        .default(undefined, "a third of the open-file limit, at most 10000")
        .argParser(parseMaxConnections),
    )
    .addOption(
      new Option("--log <level>", "what to log, as lines of JSON on standard error")
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

While there are no accounts, all clients on this machine have full access. The command then requires a loopback address
and no --public-url, and rejects requests for other hostnames (--allow-host NAME admits one), unless --allow-anonymous is
set. The first account or grant ends this immediately, even while the command runs.

The command runs until SIGTERM or SIGINT, then completes the requests in flight. A second signal ends it immediately.
It exits with status 1 if it cannot start.`;

/** Parses a lifetime of at most one week: AWS's limit for presigned URLs. */
function parseLifetime(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,6}$/.test(text) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new InvalidArgumentError("Use a number of seconds from 1 to 604800.");
}

/** Parses a token lifetime. The maximum bounds how long a removed account's tokens stay valid. */
function parseTokenLifetime(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,5}$/.test(text) && seconds >= 60 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError("Use a number of seconds from 60 to 3600.");
}

function parseMaxDescriptors(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : undefined;
  if (isDescriptorLimit(limit)) return limit;
  throw new InvalidArgumentError(`Use a number from 1 to ${MAX_DESCRIPTOR_LIMIT}.`);
}

function parseMaxConnections(text: string): number {
  const connections = Number(text);
  if (/^\d{1,6}$/.test(text) && connections >= 1) return connections;
  throw new InvalidArgumentError("Use a number from 1 to 999999.");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError("Use a number from 0 to 65535.");
}
