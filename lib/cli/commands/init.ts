import { Command, Option } from "commander";
import { VARIABLES } from "../../ports/environment.ts";
import { reportFailure, UsageError } from "../output/failure.ts";
import type { AwsOptions } from "../storage/storage-options.ts";
import { addAwsOptions } from "./aws-options.ts";

/** Creates the command `dockless init`. */
export function createInitCommand(): Command {
  const command = new Command("init").description(
    "Create the data folder of a registry, or its S3 bucket and DynamoDB table. Idempotent.",
  );
  command.addOption(new Option("--data <folder>", "data folder").env(VARIABLES.data).default("data"));
  return addAwsOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (options: InitOptions) => await reportFailure(() => runInit(options)));
}

/** Location of the registry: bucket and table if set, otherwise the data folder. */
interface InitOptions extends AwsOptions {
  readonly data: string;
}

async function runInit({ data, ...options }: InitOptions): Promise<void> {
  const { bucket, table } = options;
  if (bucket === undefined && table === undefined) {
    const { initFolder } = await import("../storage/init-folder.ts");
    return await initFolder(data);
  }
  if (bucket === undefined || table === undefined)
    throw new UsageError("--bucket and --table must be set together");
  const { init } = await import("../storage/init.ts");
  await init({ ...options, bucket, table });
}

const EXAMPLES = `
Examples:
  $ dockless init --data /var/lib/dockless
  $ dockless init --bucket my-images --table my-images --region eu-central-1

An account can then be added before the registry is first started. The bucket is private and encrypted, and deletes
incomplete uploads after two days. The table uses on-demand capacity and point-in-time recovery for 35 days, and expires
incomplete uploads. In an existing bucket, all data is kept, but lifecycle rules, default encryption and the public
access block are replaced.`;
