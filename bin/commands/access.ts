import { Command, Option } from "commander";
import type { Grant } from "../../lib/auth/grants.ts";
import { type Applied, applyFile, type Explanation, explain, grant, listGrants, revoke } from "../grants.ts";
import { formatTable } from "../table.ts";
import { type AccessOptions, addAccessOptions, runOnRecords } from "./access-options.ts";

/** `dockless access`. Changes hold within seconds, also for a server that is running. */
export function accessCommand(): Command {
  return new Command("access")
    .description("Say who may do what with which repositories.")
    .addCommand(grantCommand())
    .addCommand(revokeCommand())
    .addCommand(listCommand())
    .addCommand(explainCommand())
    .addCommand(applyCommand())
    .addHelpText("after", EXAMPLES);
}

function grantCommand(): Command {
  const command = new Command("grant")
    .description("Let somebody do something with repositories.")
    .argument("<who>", "user:NAME, robot:NAME, group:NAME, oidc:RULE, aws:RULE, authenticated or anonymous")
    .argument("<repositories>", "a pattern: acme/app, acme/* (one level), acme/** (all levels), **")
    .argument("<actions>", "of pull, push, delete and admin, with commas between");
  return addAccessOptions(command).action(
    async (who: string, pattern: string, actions: string, options: AccessOptions) => {
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
  return addAccessOptions(command).action(async (who: string, pattern: string, options: AccessOptions) => {
    await runOnRecords(
      options,
      (records) => revoke(records, who, pattern),
      () => "",
    );
  });
}

function listCommand(): Command {
  const command = new Command("list").description("List all grants.");
  return addAccessOptions(command).action(async (options: AccessOptions) => {
    await runOnRecords(options, listGrants, formatGrants);
  });
}

function explainCommand(): Command {
  const command = new Command("explain")
    .description("Tell whether somebody may do something, which grant decides, and why not.")
    .argument("<who>")
    .argument("<action>")
    .argument("<repository>");
  return addAccessOptions(command).action(
    async (who: string, action: string, repository: string, options: AccessOptions) => {
      await runOnRecords(options, (records) => explain(records, who, action, repository), formatExplanation);
    },
  );
}

function applyCommand(): Command {
  const command = new Command("apply")
    .description("Make issuers, rules and grants what a file says, and take away all others.")
    .argument("<file>", "JSON with issuers, oidcRules, awsRules and grants")
    .addOption(new Option("--dry-run", "only tell what would change"));
  return addAccessOptions(command).action(
    async (file: string, options: AccessOptions & { readonly dryRun?: true }) => {
      const isDry = options.dryRun === true;
      await runOnRecords(options, (records) => applyFile(records, file, isDry), formatApplied);
    },
  );
}

function formatApplied({ set, removed }: Applied): string {
  if (set.length + removed.length === 0) return "nothing to change\n";
  return [...set.map((name) => `+ ${name}\n`), ...removed.map((name) => `- ${name}\n`)].join("");
}

function formatGrants(grants: readonly Grant[]): string {
  return formatTable(
    ["WHO", "REPOSITORIES", "ACTIONS"],
    grants.map(({ subject, pattern, actions }) => [subject, pattern, actions.join(",")]),
  );
}

function formatExplanation({ who, action, repository, allowed, reason }: Explanation): string {
  const reasons = reason.split("; ").map((line) => `  ${line}\n`);
  return `${who} ${allowed ? "may" : "may not"} ${action} ${repository}:\n${reasons.join("")}`;
}

const EXAMPLES = `
Examples:
  $ dockless access grant group:developers 'acme/**' pull,push
  $ dockless access grant anonymous 'public/**' pull
  $ dockless access explain robot:ci push acme/app
  $ dockless access list --json
  $ dockless access apply access.json --dry-run

What nobody has been granted is denied. Admin includes pull, push and delete, and none of these includes another.`;
