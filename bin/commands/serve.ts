import { Command, InvalidArgumentError, Option } from "commander";
import { type ServeOptions, serve } from "../serve.ts";

export function serveCommand(): Command {
  return new Command("serve")
    .description("Run the registry on this machine, with its data in one folder.")
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
    )
    .addHelpText("after", EXAMPLES)
    .action(async (options: ServeOptions) => {
      process.exitCode = await serve(options);
    });
}

const EXAMPLES = `
Examples:
  $ dockless serve
  $ dockless serve --port 8080 --data /var/lib/dockless
  $ DOCKLESS_LOG=requests dockless serve --host 0.0.0.0

The command runs until it gets SIGTERM or SIGINT, and lets requests in flight finish then.
It exits with 1 when it cannot start.`;

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError("A port is a number from 0 to 65535.");
}
