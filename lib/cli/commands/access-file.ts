import { Command, Option } from "commander";
import { applyAccessFile, exportAccessFile } from "../../auth/access-file/apply-access-file.ts";
import { formatApplied, toPrintable } from "../output/access-file.ts";
import { printError } from "../output/failure.ts";
import { reportEndOfAnonymousAccess } from "../output/next-steps.ts";
import { printWarning } from "../output/warning.ts";
import { type RunOptions, runOnRecords } from "../run-on-records.ts";
import { addAccessOptions } from "./access-options.ts";

interface ApplyOptions extends RunOptions {
  readonly add?: true;
  readonly force?: true;
  readonly dryRun?: true;
  readonly create?: true;
  readonly pruneAccounts?: true;
}

/** Creates the command `dockless access apply`. */
export function createApplyCommand(): Command {
  const command = new Command("apply")
    .description(
      "Replace all issuers, rules, grants and groups with those of a file or, with --add, merge the file into the current configuration. Accounts and their secrets are kept.",
    )
    .argument("<file>", "JSON with users, robots, issuers, oidcRules, awsRules and grants")
    .addOption(
      new Option("--add", "merge the file into the current configuration; nothing is removed").conflicts(
        "pruneAccounts",
      ),
    )
    .addOption(new Option("--dry-run", "print the changes without applying them"))
    .addOption(new Option("--create", "create missing accounts, and print their secrets once"))
    .addOption(new Option("--prune-accounts", "remove accounts that are not in the file"))
    .addOption(new Option("--force", "apply the file even if it removes the last admin"));
  return addAccessOptions(command).action(async (file: string, options: ApplyOptions) => {
    const { add = false, dryRun = false, create = false, pruneAccounts = false, force = false } = options;
    const applyOptions = { add, dryRun, create, pruneAccounts, force };
    await runOnRecords(
      options,
      async (records) => {
        const result = await reportEndOfAnonymousAccess(records, options, () =>
          applyAccessFile(records, file, applyOptions, () => new Date()),
        );
        for (const warning of result.warnings) printWarning(warning);
        const applied = toPrintable(result);
        if (applied.failure !== undefined) printError(applied.failure);
        return applied;
      },
      formatApplied,
    );
  });
}

/** Creates the command `dockless access export`. */
export function createExportCommand(): Command {
  const command = new Command("export").description(
    "Print the current configuration in the format that apply reads, without secrets.",
  );
  return addAccessOptions(command).action(async (options: RunOptions) => {
    await runOnRecords({ ...options, json: true }, exportAccessFile, () => "");
  });
}
