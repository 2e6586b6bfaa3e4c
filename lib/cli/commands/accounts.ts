import { Command, Option } from "commander";
import type { AccountKind } from "../../auth/accounts/accounts.ts";
import {
  addAccount,
  listAccounts,
  removeAccount,
  rotateAccount,
} from "../../auth/accounts/manage-accounts.ts";
import { loadAccess } from "../../auth/snapshot.ts";
import { formatAccounts, formatSecret } from "../output/accounts.ts";
import { formatNextSteps, reportEndOfAnonymousAccess } from "../output/next-steps.ts";
import { type RunOptions, runOnRecords } from "../run-on-records.ts";
import { addAccessOptions } from "./access-options.ts";
import { parseDuration } from "./duration.ts";

const DESCRIPTIONS: Readonly<Record<AccountKind, string>> = {
  user: "Manage accounts for people.",
  robot: "Manage accounts for machines.",
};

/** Creates the command `dockless user` or `dockless robot`. Running servers apply changes within seconds. */
export function createAccountsCommand(kind: AccountKind): Command {
  return new Command(kind)
    .description(DESCRIPTIONS[kind])
    .addCommand(createAddCommand(kind))
    .addCommand(createListCommand(kind))
    .addCommand(createRotateCommand(kind))
    .addCommand(createRemoveCommand(kind))
    .addHelpText("after", formatExamples(kind));
}

interface AddOptions extends RunOptions {
  readonly group: readonly string[];
  readonly expires?: number;
}

function createAddCommand(kind: AccountKind): Command {
  const collect = (group: string, groups: readonly string[]) => [...groups, group];
  const command = new Command("add")
    .description(`Add a ${kind}, and print its secret once.`)
    .argument("<name>")
    .addOption(
      new Option("--group <name>", "group of the account (repeatable)").default([]).argParser(collect),
    )
    .addOption(createExpiresOption());
  return addAccessOptions(command).action(async (name: string, options: AddOptions) => {
    const { group: groups, expires } = options;
    const add = { groups, expires };
    let nextSteps = "";
    await runOnRecords(
      options,
      async (records) =>
        await reportEndOfAnonymousAccess(records, options, async () => {
          const issued = await addAccount(records, kind, name, add, new Date());
          nextSteps = formatNextSteps(await loadAccess(records), { kind, name }, options);
          return issued;
        }),
      formatSecret,
    );
    if (!options.json) process.stderr.write(nextSteps);
  });
}

function createRotateCommand(kind: AccountKind): Command {
  const command = new Command("rotate")
    .description(`Create a new secret for a ${kind}, and print it once.`)
    .argument("<name>")
    .addOption(
      new Option("--keep <duration>", "remaining lifetime of the old secrets, for example 24h")
        .default(0, "0, revoked immediately")
        .argParser(parseDuration),
    )
    .addOption(createExpiresOption());
  return addAccessOptions(command).action(
    async (name: string, options: RunOptions & { readonly keep: number; readonly expires?: number }) => {
      const rotate = { keep: options.keep, expires: options.expires };
      await runOnRecords(
        options,
        (records) => rotateAccount(records, kind, name, rotate, new Date()),
        formatSecret,
      );
    },
  );
}

function createListCommand(kind: AccountKind): Command {
  const command = new Command("list").description(`List all ${kind}s, with the time of their last login.`);
  return addAccessOptions(command).action(async (options: RunOptions) => {
    await runOnRecords(
      options,
      (records) => listAccounts(records, kind),
      (accounts) => formatAccounts(accounts, new Date()),
    );
  });
}

function createRemoveCommand(kind: AccountKind): Command {
  const command = new Command("remove")
    .description(`Remove a ${kind}. Its tokens remain valid until they expire.`)
    .argument("<name>");
  return addAccessOptions(command).action(async (name: string, options: RunOptions) => {
    await runOnRecords(
      options,
      (records) => removeAccount(records, kind, name),
      () => "",
    );
  });
}

function createExpiresOption(): Option {
  return new Option("--expires <duration>", "lifetime of the secret, for example 90d").argParser(
    parseDuration,
  );
}

function formatExamples(kind: AccountKind): string {
  const name = kind === "user" ? "alice" : "ci";
  return `
Examples:
  $ dockless ${kind} add ${name} --group builders --expires 90d
  $ dockless ${kind} add ${name} | docker login --username ${name} --password-stdin 127.0.0.1:5000
  $ dockless ${kind} rotate ${name} --keep 24h
  $ dockless ${kind} list --table my-images --region eu-central-1 --json

A new ${kind} has no access until a grant gives it some: see dockless access --help.`;
}
