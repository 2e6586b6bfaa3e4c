import { Command } from "commander";
import { findGrantWarnings } from "../../auth/grants/grant-warnings.ts";
import { explain, grant, listAccess, revoke } from "../../auth/grants/manage-grants.ts";
import { loadAccess } from "../../auth/snapshot.ts";
import { replaceKeys } from "../../auth/tokens/token-keys.ts";
import { formatExplanation, formatGrants, formatListed } from "../output/access.ts";
import { reportEndOfAnonymousAccess } from "../output/next-steps.ts";
import { printWarning } from "../output/warning.ts";
import { type RunOptions, runOnRecords } from "../run-on-records.ts";
import { createApplyCommand, createExportCommand } from "./access-file.ts";
import { addAccessOptions } from "./access-options.ts";

/** Creates the command `dockless access`. Running servers apply changes within seconds. */
export function createAccessCommand(): Command {
  return new Command("access")
    .description("Manage access to repositories.")
    .addCommand(createGrantCommand())
    .addCommand(createRevokeCommand())
    .addCommand(createListCommand())
    .addCommand(createExplainCommand())
    .addCommand(createApplyCommand())
    .addCommand(createExportCommand())
    .addCommand(createReplaceKeysCommand())
    .addHelpText("after", EXAMPLES);
}

function createGrantCommand(): Command {
  const command = new Command("grant")
    .description("Grant actions on repositories to a grantee.")
    .argument(
      "<grantee>",
      "user:NAME, robot:NAME, group:NAME, oidc:RULE, aws:RULE, authenticated or anonymous",
    )
    .argument("<repositories>", "pattern: acme/app, acme/* (one level), acme/** (all levels), **")
    .argument("<actions>", "comma-separated list of pull, push, delete and admin");
  return addAccessOptions(command).action(
    async (grantee: string, pattern: string, actions: string, options: RunOptions) => {
      await runOnRecords(
        options,
        async (records) => {
          const added = await reportEndOfAnonymousAccess(records, options, () =>
            grant(records, grantee, pattern, actions),
          );
          for (const warning of findGrantWarnings([added], await loadAccess(records))) printWarning(warning);
          return added;
        },
        (added) => formatGrants([added]),
      );
    },
  );
}

function createRevokeCommand(): Command {
  const command = new Command("revoke")
    .description("Revoke a grantee's grant on a repository pattern.")
    .argument("<grantee>")
    .argument("<repositories>");
  return addAccessOptions(command).action(async (grantee: string, pattern: string, options: RunOptions) => {
    await runOnRecords(
      options,
      (records) => revoke(records, grantee, pattern),
      () => "",
    );
  });
}

function createListCommand(): Command {
  const command = new Command("list").description("List all grants, issuers and rules.");
  return addAccessOptions(command).action(async (options: RunOptions) => {
    await runOnRecords(options, listAccess, formatListed);
  });
}

function createExplainCommand(): Command {
  const command = new Command("explain")
    .description(
      "Report whether an action is allowed, and which grants allow it. Exits with status 1 if it is not allowed.",
    )
    .argument("<grantee>")
    .argument("<action>")
    .argument("<repository>");
  return addAccessOptions(command).action(
    async (grantee: string, action: string, repository: string, options: RunOptions) => {
      await runOnRecords(
        options,
        async (records) => {
          const explanation = await explain(records, grantee, action, repository);
          if (!explanation.allowed) process.exitCode = 1;
          return explanation;
        },
        formatExplanation,
      );
    },
  );
}

function createReplaceKeysCommand(): Command {
  const command = new Command("replace-keys").description(
    "Replace the signing key, for example after a leak. This revokes all tokens once running servers are restarted.",
  );
  return addAccessOptions(command).action(async (options: RunOptions) => {
    await runOnRecords(
      options,
      (records) => replaceKeys(records, new Date()),
      () => "signing key replaced: restart all running servers to revoke existing tokens\n",
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
  $ dockless access apply access.json --add --dry-run

Access is denied unless it is granted. Admin includes pull, push and delete;
the other actions are independent (push does not include pull).`;
