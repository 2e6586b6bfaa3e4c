import { Command } from "commander";
import { explain, grant, listAccess, revoke } from "../../auth/grants/manage-grants.ts";
import { replaceKeys } from "../../auth/tokens/token-keys.ts";
import { formatExplanation, formatGrants, formatListed } from "../output/access.ts";
import { type RunOptions, runOnRecords } from "../run-on-records.ts";
import { applyCommand, exportCommand } from "./access-file.ts";
import { addAccessOptions } from "./access-options.ts";

/** `dockless access`. Changes hold within seconds, also for a server that is running. */
export function accessCommand(): Command {
  return new Command("access")
    .description("Say who may do what with which repositories.")
    .addCommand(grantCommand())
    .addCommand(revokeCommand())
    .addCommand(listCommand())
    .addCommand(explainCommand())
    .addCommand(applyCommand())
    .addCommand(exportCommand())
    .addCommand(replaceKeysCommand())
    .addHelpText("after", EXAMPLES);
}

function grantCommand(): Command {
  const command = new Command("grant")
    .description("Let somebody do something with repositories.")
    .argument("<who>", "user:NAME, robot:NAME, group:NAME, oidc:RULE, aws:RULE, authenticated or anonymous")
    .argument("<repositories>", "a pattern: acme/app, acme/* (one level), acme/** (all levels), **")
    .argument("<actions>", "of pull, push, delete and admin, with commas between");
  return addAccessOptions(command).action(
    async (who: string, pattern: string, actions: string, options: RunOptions) => {
      await runOnRecords(
        options,
        (records) => grant(records, who, pattern, actions),
        (given) => formatGrants([given]),
      );
    },
  );
}

function revokeCommand(): Command {
  const command = new Command("revoke")
    .description("Take back what was granted to somebody on a pattern.")
    .argument("<who>")
    .argument("<repositories>");
  return addAccessOptions(command).action(async (who: string, pattern: string, options: RunOptions) => {
    await runOnRecords(
      options,
      (records) => revoke(records, who, pattern),
      () => "",
    );
  });
}

function listCommand(): Command {
  const command = new Command("list").description("List all grants, issuers and rules.");
  return addAccessOptions(command).action(async (options: RunOptions) => {
    await runOnRecords(options, listAccess, formatListed);
  });
}

function explainCommand(): Command {
  const command = new Command("explain")
    .description("Tell whether somebody may do something, which grant decides, and why not.")
    .argument("<who>")
    .argument("<action>")
    .argument("<repository>");
  return addAccessOptions(command).action(
    async (who: string, action: string, repository: string, options: RunOptions) => {
      await runOnRecords(options, (records) => explain(records, who, action, repository), formatExplanation);
    },
  );
}

function replaceKeysCommand(): Command {
  const command = new Command("replace-keys").description(
    "End all tokens, for a signing key that has leaked. Servers that run must be started anew.",
  );
  return addAccessOptions(command).action(async (options: RunOptions) => {
    await runOnRecords(
      options,
      (records) => replaceKeys(records, new Date()),
      () => "all tokens end with the processes that run now: start them anew\n",
    );
  });
}

const EXAMPLES = `
Examples:
  $ dockless access grant group:developers 'acme/**' pull,push
  $ dockless access grant anonymous 'public/**' pull
  $ dockless access explain robot:ci push acme/app
  $ dockless access list --json
  $ dockless access export > access.json
  $ dockless access apply access.json --dry-run

What nobody has been granted is denied. Admin includes pull, push and delete, and none of these includes another.`;
