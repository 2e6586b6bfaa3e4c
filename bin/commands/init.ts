import { Command } from "commander";
import { whyFailed } from "../failure.ts";
import type { InitOptions } from "../init.ts";
import { addAwsOptions } from "./aws-options.ts";

export function initCommand(): Command {
  const command = new Command("init").description(
    "Create the S3 bucket and the DynamoDB table that the registry needs. Safe to repeat.",
  );
  return addAwsOptions(command, { required: true })
    .addHelpText("after", EXAMPLES)
    .action(async (options: InitOptions) => {
      try {
        const { init } = await import("../init.ts");
        await init(options);
      } catch (error) {
        process.stderr.write(`dockless: ${whyFailed(error)}\n`);
        process.exitCode = 1;
      }
    });
}

const EXAMPLES = `
Example:
  $ dockless init --bucket my-images --table my-images --region eu-central-1

The bucket is private and encrypted, and frees what broken uploads leave after two days. The table is paid for by the
request, keeps backups of the last 35 days, and forgets finished uploads by itself. What exists already is kept.`;
