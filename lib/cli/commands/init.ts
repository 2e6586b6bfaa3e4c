import { Command } from "commander";
import { reportFailure } from "../output/failure.ts";
import type { AwsLocation } from "../storage/aws-error.ts";
import { addAwsOptions } from "./aws-options.ts";

/** Creates the command `dockless init`. */
export function createInitCommand(): Command {
  const command = new Command("init").description(
    "Create the S3 bucket and the DynamoDB table of a registry. Idempotent.",
  );
  return addAwsOptions(command, { required: true })
    .addHelpText("after", EXAMPLES)
    .action(async (options: AwsLocation) => {
      await reportFailure(async () => {
        const { init } = await import("../storage/init.ts");
        await init(options);
      });
    });
}

const EXAMPLES = `
Example:
  $ dockless init --bucket my-images --table my-images --region eu-central-1

The bucket is private and encrypted, and deletes aborted uploads after two days. The table uses on-demand capacity and
point-in-time recovery for 35 days, and expires unfinished uploads. In an existing bucket, all data is kept, but
lifecycle rules, default encryption and the public access block are replaced.`;
