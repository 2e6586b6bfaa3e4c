import { Command, Option } from "commander";
import type { Step } from "../../auth/access-file/access-plan.ts";
import { type Applied, applyFile, exportFile } from "../../auth/access-file/apply-access-file.ts";
import { whyFailed } from "../output/failure.ts";
import { formatTable } from "../output/table.ts";
import { type AccessOptions, addAccessOptions, runOnRecords } from "./access-options.ts";

interface ApplyOptions extends AccessOptions {
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
        if (applied.failure !== undefined) {
          process.stderr.write(`dockless: ${applied.failure}\n`);
          process.exitCode = 1;
        }
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
  return addAccessOptions(command).action(async (options: AccessOptions) => {
    await runOnRecords({ ...options, json: true }, exportFile, () => "");
  });
}

interface Printable extends Omit<Applied, "failure"> {
  readonly failure?: string;
}

/** Puts the failure into one line. */
export function printableOf({ failure, ...applied }: Applied): Printable {
  return failure === undefined ? applied : { ...applied, failure: whyFailed(failure) };
}

function formatApplied({ steps, secrets }: Printable): string {
  const plan = formatTable(
    ["CHANGE", "KIND", "NAME", "WHAT"],
    steps.map((step) => [step.change, step.kind, step.name, whatOf(step)]),
  );
  const shown = formatTable(
    ["NAME", "SECRET, NOT SHOWN AGAIN"],
    secrets.map(({ name, secret }) => [name, secret]),
  );
  return `${steps.length === 0 ? "nothing to change\n" : plan}${secrets.length === 0 ? "" : `\n${shown}`}`;
}

function whatOf({ change, before, after }: Applied["steps"][number]): string {
  switch (change) {
    case "missing":
      return "is made with --create";
    case "extra":
      return "is removed with --prune-accounts";
    case "change":
      return `${describe(before)} -> ${describe(after)}`;
    default:
      return describe(after ?? before);
  }
}

/** What there is to tell of a record beyond its name. */
function describe(value: Step["after"]): string {
  const { name: _, url: __, ...rest }: Readonly<Record<string, unknown>> = { ...value };
  return Object.entries(rest)
    .map(([field, item]) => `${field}: ${Array.isArray(item) ? item.join(",") || "-" : JSON.stringify(item)}`)
    .join("; ");
}
