import { type Command, Option } from "commander";
import type { RecordStore } from "../../ports/record-store.ts";
import { whyFailed } from "../output/failure.ts";
import { type AccessRecordsOptions, withRecords } from "../storage/access-records.ts";
import { dynamodbEndpoint } from "./aws-options.ts";

export interface AccessOptions extends AccessRecordsOptions {
  readonly json?: true;
}

/** The options that say where accounts and grants are kept, as `serve` has them. */
export function addAccessOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--data <folder>", "data folder of the registry").env("DOCKLESS_DATA").default("data"),
    )
    .addOption(new Option("--table <name>", "DynamoDB table of the registry, instead").env("DOCKLESS_TABLE"))
    .addOption(new Option("--region <name>", "AWS region of the table").env("AWS_REGION"))
    .addOption(dynamodbEndpoint())
    .addOption(new Option("--json", "print JSON, for scripts"));
}

/** Runs work on the records and prints what it returns; or says in one line why it failed. */
export async function runOnRecords<T>(
  options: AccessOptions,
  work: (records: RecordStore) => Promise<T>,
  format: (result: T) => string,
): Promise<void> {
  try {
    const result = await withRecords(options, work);
    process.stdout.write(options.json ? `${JSON.stringify(result ?? {}, undefined, 2)}\n` : format(result));
  } catch (error) {
    process.stderr.write(`dockless: ${whyFailed(error)}\n`);
    process.exitCode = 1;
  }
}
