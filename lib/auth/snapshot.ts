import { queryAll } from "../ports/batches.ts";
import { ACCESS_SORT, PARTITIONS } from "../ports/record-keys.ts";
import type { Entry, Key, RecordStore } from "../ports/record-store.ts";
import { ACCOUNT_KINDS, type Account, type AccountRecord, type LastUseRecord } from "./accounts/accounts.ts";
import type { AwsRule } from "./aws/rule.ts";
import { isAction } from "./grants/actions.ts";
import { isGrantee, isName } from "./grants/grantee.ts";
import type { Grant, GrantRecord } from "./grants/grants.ts";
import { isPattern } from "./grants/pattern.ts";
import type { Issuer } from "./oidc/issuer.ts";
import type { OidcRule } from "./oidc/rule.ts";

/** The complete access configuration at one time. */
export interface AccessSnapshot {
  readonly accounts: readonly Account[];
  readonly grants: readonly Grant[];
  readonly issuers: readonly Issuer[];
  readonly oidcRules: readonly OidcRule[];
  readonly awsRules: readonly AwsRule[];
}

/** Returns whether there are no accounts, grants or rules. */
export function isUnconfigured({ accounts, grants, oidcRules, awsRules }: AccessSnapshot): boolean {
  return [accounts, grants, oidcRules, awsRules].every((list) => list.length === 0);
}

const ALL_ACCESS_RECORDS: Key<object> = { partition: PARTITIONS.access, sort: "" };

/** Loads the complete access configuration. Malformed records are ignored. */
export async function loadAccess(records: RecordStore): Promise<AccessSnapshot> {
  const entries: Entry<object>[] = [];
  for await (const entry of queryAll(records, ALL_ACCESS_RECORDS)) entries.push(entry);
  return {
    accounts: accountsIn(entries),
    grants: grantsIn(entries),
    issuers: valuesIn<Issuer>(entries, ACCESS_SORT.issuer),
    oidcRules: valuesIn<OidcRule>(entries, ACCESS_SORT.oidcRule),
    awsRules: valuesIn<AwsRule>(entries, ACCESS_SORT.awsRule),
  };
}

function accountsIn(entries: readonly Entry<object>[]): readonly Account[] {
  return ACCOUNT_KINDS.flatMap((kind) => {
    const lastUses = new Map(
      startingWith<LastUseRecord>(entries, `${ACCESS_SORT.used}${kind}#`).map(([name, { at }]) => [name, at]),
    );
    return startingWith<AccountRecord>(entries, `${ACCESS_SORT.principal}${kind}#`).flatMap(
      ([name, record]) => {
        const lastUsed = lastUses.get(name);
        const account = { ...record, kind, ...(lastUsed === undefined ? {} : { lastUsed }) };
        return isName(name) ? [{ ...account, name }] : [];
      },
    );
  });
}

function grantsIn(entries: readonly Entry<object>[]): readonly Grant[] {
  return startingWith<GrantRecord>(entries, ACCESS_SORT.grant).flatMap(([rest, { actions }]) => {
    const [subject = "", pattern = ""] = rest.split("#");
    return isGrantee(subject) && isPattern(pattern)
      ? [{ subject, pattern, actions: actions.filter(isAction) }]
      : [];
  });
}

function valuesIn<T extends object>(entries: readonly Entry<object>[], prefix: string): readonly T[] {
  return startingWith<T>(entries, prefix).map(([, value]) => value);
}

/** Returns the records whose sort key begins with the prefix, each with the remainder of its sort key. */
function startingWith<T>(entries: readonly Entry<object>[], prefix: string): readonly [string, T][] {
  return entries
    .filter(({ key }) => key.sort.startsWith(prefix))
    .map(({ key, value }) => [key.sort.slice(prefix.length), value as T]);
}
