import type { Account } from "../accounts/accounts.ts";
import type { AwsRule } from "../aws/rule.ts";
import type { OidcRule } from "../oidc/rule.ts";
import { ANONYMOUS_GRANTEE, AUTHENTICATED_GRANTEE, type Grantee, granteeOf } from "./grantee.ts";

/** The sources of the identities that grants apply to: accounts and federation rules. */
export interface Members {
  readonly accounts: readonly Pick<Account, "kind" | "name" | "groups">[];
  readonly oidcRules: readonly Pick<OidcRule, "name">[];
  readonly awsRules: readonly Pick<AwsRule, "name">[];
}

/** Returns whether a grant to the grantee applies to any identity: an account or rule with the name, or a member of the group. */
export function hasMember(grantee: Grantee, { accounts, oidcRules, awsRules }: Members): boolean {
  if (grantee === ANONYMOUS_GRANTEE) return true;
  if (grantee === AUTHENTICATED_GRANTEE) return accounts.length + oidcRules.length + awsRules.length > 0;
  return (
    accounts.some(({ kind, name }) => granteeOf(kind, name) === grantee) ||
    accounts.some(({ groups }) => groups.some((group) => granteeOf("group", group) === grantee)) ||
    oidcRules.some(({ name }) => granteeOf("oidc", name) === grantee) ||
    awsRules.some(({ name }) => granteeOf("aws", name) === grantee)
  );
}
