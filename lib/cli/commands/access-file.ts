import { Command, Option } from "commander";
import { applyFile, exportFile } from "../../auth/access-file/apply-access-file.ts";
import { formatApplied, printableOf } from "../output/access-file.ts";
import { printFailure } from "../output/failure.ts";
import { type RunOptions, runOnRecords } from "../run-on-records.ts";
import { addAccessOptions } from "./access-options.ts";

interface ApplyOptions extends RunOptions {
  readonly dryRun?: true;
  readonly create?: true;
  readonly pruneAccounts?: true;
}

/** `dockless access apply`. */
export function applyCommand(): Command {
  const command = new Command("apply")
    .description(
      "Make issuers, rules, grants and groups what a file says, and take away all others. Accounts and their secrets stay as they are.",
    )
    .argument("<file>", "JSON with users, robots, issuers, oidcRules, awsRules and grants")
    .addOption(new Option("--dry-run", "only tell what would change"))
    .addOption(new Option("--create", "make accounts that are missing, and print their secrets, this once"))
    .addOption(new Option("--prune-accounts", "remove accounts that are not in the file"));
  return addAccessOptions(command).action(async (file: string, options: ApplyOptions) => {
    const { dryRun = false, create = false, pruneAccounts = false } = options;
    await runOnRecords(
      options,
      async (records) => {
        const how = { dryRun, create, pruneAccounts };
        const applied = printableOf(await applyFile(records, file, how, () => new Date()));
        if (applied.failure !== undefined) printFailure(applied.failure);
        return applied;
      },
      formatApplied,
    );
  });
}

/** `dockless access export`. */
export function exportCommand(): Command {
  const command = new Command("export").description(
    "Print what is configured as the file that apply takes. Secrets are not in it.",
  );
  return addAccessOptions(command).action(async (options: RunOptions) => {
    await runOnRecords({ ...options, json: true }, exportFile, () => "");
  });
}
