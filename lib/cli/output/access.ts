import { describeAction } from "../../auth/grants/actions.ts";
import type { Grant } from "../../auth/grants/grants.ts";
import type { ConfiguredAccess, Explanation } from "../../auth/grants/manage-grants.ts";
import { formatTable } from "./table.ts";

/** Formats grants as a table. */
export function formatGrants(grants: readonly Grant[]): string {
  return formatTable(
    ["GRANTEE", "REPOSITORIES", "ACTIONS"],
    grants.map(({ subject, pattern, actions }) => [subject, pattern, actions.join(",")]),
  );
}

/** Formats grants, issuers and rules as tables. Omits empty tables, except for grants. */
export function formatListed({ grants, issuers, oidcRules, awsRules }: ConfiguredAccess): string {
  const tables = [
    issuers.length > 0 &&
      formatTable(
        ["ISSUER", "AUDIENCES", "KEYS"],
        issuers.map(({ url, audiences, jwksUrl = "from discovery" }) => [url, audiences.join(","), jwksUrl]),
      ),
    oidcRules.length > 0 &&
      formatTable(
        ["OIDC RULE", "ISSUER", "CLAIMS"],
        oidcRules.map(({ name, issuer, claims }) => [name, issuer, JSON.stringify(claims)]),
      ),
    awsRules.length > 0 &&
      formatTable(
        ["AWS RULE", "ACCOUNTS", "ARN", "SESSION"],
        awsRules.map(({ name, accounts, arn = "any", session = "any" }) => [
          ...[name, accounts.join(","), arn, session],
        ]),
      ),
  ];
  return [formatGrants(grants), ...tables.filter((table) => table !== false)].join("\n");
}

/** Formats an access decision and its reasons. */
export function formatExplanation({ who, action, repository, allowed, reason }: Explanation): string {
  const reasons = reason.split("; ").map((line) => `  ${line}\n`);
  return `${who} ${allowed ? "may" : "may not"} ${describeAction(action, repository)}:\n${reasons.join("")}`;
}
