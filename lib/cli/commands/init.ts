import { Command } from "commander";
import { reportFailure } from "../output/failure.ts";
import type { AwsPlace } from "../storage/aws-failure.ts";
import { addAwsOptions } from "./aws-options.ts";

export function initCommand(): Command {
  const command = new Command("init").description(
    "Create the S3 bucket and the DynamoDB table that the registry needs. Safe to repeat.",
  );
  return addAwsOptions(command, { required: true })
    .addHelpText("after", EXAMPLES)
    .action(async (options: AwsPlace) => {
      await reportFailure(async () => {
        const { init } = await import("../storage/init.ts");
        await init(options);
      });
    });
}

const EXAMPLES = `
Example:
  $ dockless init --bucket my-images --table my-images --region eu-central-1

The bucket is private and encrypted, and frees what broken uploads leave after two days. The table is paid for by the
request, keeps backups of the last 35 days, and forgets unfinished uploads by itself. All data is kept, but of a bucket
that exists already the lifecycle rules, the default encryption and the block of public access are replaced.`;
