import { Command, Option } from "commander";
import {
  addAccount,
  listAccounts,
  removeAccount,
  rotateAccount,
} from "../../auth/accounts/manage-accounts.ts";
import type { PrincipalKind } from "../../auth/accounts/principals.ts";
import { formatAccounts, formatSecret } from "../output/accounts.ts";
import { type RunOptions, runOnRecords } from "../run-on-records.ts";
import { addAccessOptions } from "./access-options.ts";
import { parseDuration } from "./duration.ts";

const DESCRIPTIONS: Readonly<Record<PrincipalKind, string>> = {
  user: "Add, list and remove people who may sign in.",
  robot: "Add, list and remove machines that may sign in.",
};

/** `dockless user` or `dockless robot`. Changes hold within seconds, also for a server that is running. */
export function accountsCommand(kind: PrincipalKind): Command {
  return new Command(kind)
    .description(DESCRIPTIONS[kind])
    .addCommand(addCommand(kind))
    .addCommand(listCommand(kind))
    .addCommand(rotateCommand(kind))
    .addCommand(removeCommand(kind))
    .addHelpText("after", examplesOf(kind));
}

interface AddedOptions extends RunOptions {
  readonly group: readonly string[];
  readonly expires?: number;
}

function addCommand(kind: PrincipalKind): Command {
  const collect = (group: string, groups: readonly string[]) => [...groups, group];
  const command = new Command("add")
    .description(`Add a ${kind}. Its secret is shown this once.`)
    .argument("<name>")
    .addOption(
      new Option("--group <name>", "a group that it belongs to; may be repeated")
        .default([])
        .argParser(collect),
    )
    .addOption(expiresOption());
  return addAccessOptions(command).action(async (name: string, options: AddedOptions) => {
    const { group: groups, expires } = options;
    const add = { groups, expires };
    await runOnRecords(options, (records) => addAccount(records, kind, name, add, new Date()), formatSecret);
  });
}

function rotateCommand(kind: PrincipalKind): Command {
  const command = new Command("rotate")
    .description(`Give a ${kind} a new secret, which is shown this once.`)
    .argument("<name>")
    .addOption(
      new Option("--keep <duration>", "how long the old secrets stay good, such as 24h")
        .default(0, "they end at once")
        .argParser(parseDuration),
    )
    .addOption(expiresOption());
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

function listCommand(kind: PrincipalKind): Command {
  const command = new Command("list").description(`List all ${kind}s, and when they last signed in.`);
  return addAccessOptions(command).action(async (options: RunOptions) => {
    await runOnRecords(options, (records) => listAccounts(records, kind), formatAccounts);
  });
}

function removeCommand(kind: PrincipalKind): Command {
  const command = new Command("remove")
    .description(`Remove a ${kind}. It gets no token any more; those it has end within their lifetime.`)
    .argument("<name>");
  return addAccessOptions(command).action(async (name: string, options: RunOptions) => {
    await runOnRecords(
      options,
      (records) => removeAccount(records, kind, name),
      () => "",
    );
  });
}

function expiresOption(): Option {
  return new Option(
    "--expires <duration>",
    "after which the secret is no good any more, such as 90d",
  ).argParser(parseDuration);
}

function examplesOf(kind: PrincipalKind): string {
  return `
Examples:
  $ dockless ${kind} add ci --group builders --expires 90d
  $ dockless ${kind} add ci | docker login --username ci --password-stdin 127.0.0.1:5000
  $ dockless ${kind} rotate ci --keep 24h
  $ dockless ${kind} list --table my-images --region eu-central-1 --json

A new ${kind} may do nothing before it is granted something: see dockless access --help.`;
}
