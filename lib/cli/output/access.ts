import type { Grant } from "../../auth/grants/grants.ts";
import type { Explanation, Listed } from "../../auth/grants/manage-grants.ts";
import { formatTable } from "./table.ts";

export function formatGrants(grants: readonly Grant[]): string {
  return formatTable(
    ["WHO", "REPOSITORIES", "ACTIONS"],
    grants.map(({ subject, pattern, actions }) => [subject, pattern, actions.join(",")]),
  );
}

export function formatListed({ grants, issuers, oidcRules, awsRules }: Listed): string {
  const tables = [
    issuers.length > 0 &&
      formatTable(
        ["ISSUER", "AUDIENCES", "KEYS"],
        issuers.map(({ url, audiences, jwksUrl = "as the issuer says" }) => [
          url,
          audiences.join(","),
          jwksUrl,
        ]),
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

export function formatExplanation({ who, action, repository, allowed, reason }: Explanation): string {
  const reasons = reason.split("; ").map((line) => `  ${line}\n`);
  return `${who} ${allowed ? "may" : "may not"} ${action} ${repository}:\n${reasons.join("")}`;
}
