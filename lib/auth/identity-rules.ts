import { ConditionFailedError, check, put, type RecordStore, remove } from "../registry/ports.ts";
import { awsRuleKey, parseAwsRule } from "./aws/rule.ts";
import { excerptOf } from "./configuration.ts";
import { issuerKey, parseIssuer } from "./oidc/issuer.ts";
import { oidcRuleKey, parseOidcRule } from "./oidc/rule.ts";

/** @throws RangeError when it is not valid, as all of these */
export async function saveIssuer(records: RecordStore, value: unknown): Promise<void> {
  const issuer = parseIssuer(value);
  await records.write([put(issuerKey(issuer.url), issuer)]);
}

/** Also when its issuer is not there: nobody could meet it, and a misspelt issuer would go unnoticed. */
export async function saveOidcRule(records: RecordStore, value: unknown): Promise<void> {
  const rule = parseOidcRule(value);
  try {
    await records.write([check(issuerKey(rule.issuer), "present"), put(oidcRuleKey(rule.name), rule)]);
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    throw new RangeError(
      `rule ${rule.name} is about ${excerptOf(rule.issuer)}, which is no issuer here: add that first`,
    );
  }
}

export async function saveAwsRule(records: RecordStore, value: unknown): Promise<void> {
  const rule = parseAwsRule(value);
  await records.write([put(awsRuleKey(rule.name), rule)]);
}

/** Its rules stay, and are met by nobody. */
export async function removeIssuer(records: RecordStore, url: string): Promise<void> {
  await records.write([remove(issuerKey(url))]);
}

export async function removeOidcRule(records: RecordStore, name: string): Promise<void> {
  await records.write([remove(oidcRuleKey(name))]);
}

export async function removeAwsRule(records: RecordStore, name: string): Promise<void> {
  await records.write([remove(awsRuleKey(name))]);
}
