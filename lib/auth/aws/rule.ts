import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import type { Key } from "../../ports/record-store.ts";
import { excerptOf, fieldsOf, parseRuleName, parseTexts } from "../configuration.ts";
import type { PrincipalName } from "../grants/subject.ts";
import { matchesWildcard, parseWildcard } from "../grants/wildcard.ts";
import { MalformedError } from "../malformed-error.ts";
import type { AwsPrincipal } from "./principal.ts";

/** Which AWS principals get the grants of `aws:<name>`. */
export type AwsRule = {
  readonly name: PrincipalName;
  /** Never a pattern: anybody can have an account, and name a role there as they like. */
  readonly accounts: readonly string[];
  /**
   * With `*` and `**`; a role's is `arn:aws:iam::123456789012:role/name`, without a path, also while it is assumed.
   * Without it everybody in the accounts meets the rule. Another partition's numbers of accounts are its own.
   * @default "arn:aws:**"
   */
  readonly arn?: string;
  /** Of an assumed role: the instance, the job or the person, as whoever assumes it names it. */
  readonly session?: string;
};

export function awsRuleKey(name: string): Key<AwsRule> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.awsRule}${name}` };
}

/** @throws MalformedError */
export function parseAwsRule(value: unknown): AwsRule {
  const fields = fieldsOf(value, "an AWS rule", ["name", "accounts", "arn", "session"]);
  const name = parseRuleName(fields.get("name"));
  const accounts = parseTexts(fields.get("accounts"), `the accounts of rule ${name}`);
  const wrong = accounts.find((account) => !/^\d{12}$/.test(account));
  if (wrong !== undefined) {
    throw new MalformedError(`${excerptOf(wrong)} in rule ${name} is no AWS account: 12 digits`);
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
    `rule ${rule} cannot compare with ${excerptOf(value)}: a text of 1 to 512 characters`,
  );
}

/** What no principal's ARN can be like is a mistake, and is said to be one. */
function assertArn(arn: string, rule: string, accounts: readonly string[]): void {
  const account = /^[^:]*:[^:]*:[^:]*::(\d{12}):/.exec(arn)?.[1];
  if (account !== undefined && !accounts.includes(account)) {
    throw new MalformedError(`rule ${rule} compares with ${excerptOf(arn)}, but does not name that account`);
  }
  if (!/^(?:arn:|\*)/.test(arn) || arn.includes(":assumed-role/") || /:role\/[^/]*\//.test(arn)) {
    throw new MalformedError(
      `rule ${rule} compares with ${excerptOf(arn)}: a role is written as arn:aws:iam::<account>:role/<name>, without its path, and its session by itself`,
    );
  }
}

export function meetsAwsRule(
  { accounts, arn = "arn:aws:**", session }: AwsRule,
  principal: AwsPrincipal,
): boolean {
  if (!accounts.includes(principal.account) || !matches(arn, principal.principalArn)) return false;
  return session === undefined || (principal.session !== undefined && matches(session, principal.session));
}

function matches(pattern: string, text: string): boolean {
  const wildcard = parseWildcard(pattern);
  return wildcard !== undefined && matchesWildcard(wildcard, text);
}
