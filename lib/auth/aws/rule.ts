import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import type { Key } from "../../ports/record-store.ts";
import { excerptOf, fieldsOf, parseRuleName, parseTexts } from "../configuration.ts";
import type { AccountName } from "../grants/grantee.ts";
import { matchesWildcard, parseWildcard } from "../grants/wildcard.ts";
import { MalformedError } from "../malformed-error.ts";
import type { AwsPrincipal } from "./principal.ts";

/** A federation rule: AWS principals that match it receive the grants of `aws:<name>`. */
export type AwsRule = {
  readonly name: AccountName;
  /** Account ids, never patterns: anyone can open an account and give a role any name in it. */
  readonly accounts: readonly string[];
  /**
   * A pattern with `*` and `**`. A role is `arn:aws:iam::123456789012:role/name` without a path, even when it is assumed.
   * By default all principals of the accounts match, in the partition `aws` only: partitions number their accounts
   * independently.
   * @default "arn:aws:**"
   */
  readonly arn?: string;
  /** A pattern for the session name of an assumed role. The caller of AssumeRole chooses it: an instance, job or person. */
  readonly session?: string;
};

/** Returns the key of a stored AWS rule. */
export function awsRuleKey(name: string): Key<AwsRule> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.awsRule}${name}` };
}

/** Parses an AWS rule of an access file. @throws MalformedError */
export function parseAwsRule(value: unknown): AwsRule {
  const fields = fieldsOf(value, "an AWS rule", ["name", "accounts", "arn", "session"]);
  const name = parseRuleName(fields.get("name"));
  const accounts = parseTexts(fields.get("accounts"), `the accounts of rule ${name}`);
  const invalid = accounts.find((account) => !/^\d{12}$/.test(account));
  if (invalid !== undefined) {
    throw new MalformedError(`${excerptOf(invalid)} in rule ${name} is not an AWS account ID: use 12 digits`);
  }
  const arn = parsePattern(fields.get("arn"), name);
  if (arn !== undefined) assertArn(arn, name, accounts);
  const session = parsePattern(fields.get("session"), name);
  return {
    ...{ name, accounts },
    ...(arn === undefined ? {} : { arn }),
    ...(session === undefined ? {} : { session }),
  };
}

function parsePattern(value: unknown, rule: string): string | undefined {
  if (value === undefined) return undefined;
  const pattern = typeof value === "string" ? parseWildcard(value) : undefined;
  if (pattern !== undefined) return pattern.text;
  throw new MalformedError(
    `rule ${rule} has an invalid pattern ${excerptOf(value)}: use a string of 1 to 512 characters`,
  );
}

/** Rejects a pattern that no principal's ARN can match. */
function assertArn(arn: string, rule: string, accounts: readonly string[]): void {
  const account = /^[^:]*:[^:]*:[^:]*::(\d{12}):/.exec(arn)?.[1];
  if (account !== undefined && !accounts.includes(account)) {
    throw new MalformedError(
      `the account in ARN pattern ${excerptOf(arn)} is not among the accounts of rule ${rule}`,
    );
  }
  if (!/^(?:arn:|\*)/.test(arn) || arn.includes(":assumed-role/") || /:role\/[^/]*\//.test(arn)) {
    throw new MalformedError(
      `rule ${rule} has an invalid ARN pattern ${excerptOf(arn)}: write a role as arn:aws:iam::<account>:role/<name>, without its path, and put the session name in the field "session"`,
    );
  }
}

/** Returns whether the principal matches the rule. */
export function matchesAwsRule(
  { accounts, arn = "arn:aws:**", session }: AwsRule,
  principal: AwsPrincipal,
): boolean {
  if (!accounts.includes(principal.account) || !matchesPattern(arn, principal.principalArn)) return false;
  return (
    session === undefined || (principal.session !== undefined && matchesPattern(session, principal.session))
  );
}

function matchesPattern(pattern: string, text: string): boolean {
  const wildcard = parseWildcard(pattern);
  return wildcard !== undefined && matchesWildcard(wildcard, text);
}
