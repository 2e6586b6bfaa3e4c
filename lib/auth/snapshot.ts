import { RefreshingCache } from "../concurrency/refreshing-cache.ts";
import { queryAll } from "../ports/batches.ts";
import { ACCESS_SORT, PARTITIONS } from "../ports/record-keys.ts";
import type { Entry, Key, RecordStore } from "../ports/record-store.ts";
import {
  PRINCIPAL_KINDS,
  type Principal,
  type PrincipalRecord,
  type UsedRecord,
} from "./accounts/principals.ts";
import type { AwsRule } from "./aws/rule.ts";
import { isAction } from "./grants/actions.ts";
import type { Grant, GrantRecord } from "./grants/grants.ts";
import { isPattern } from "./grants/pattern.ts";
import { isName, isSubject } from "./grants/subject.ts";
import type { Issuer } from "./oidc/issuer.ts";
import type { OidcRule } from "./oidc/rule.ts";

/** All that is configured of who may do what, as it stood at one time. */
export interface AccessSnapshot {
  readonly principals: readonly Principal[];
  readonly grants: readonly Grant[];
  readonly issuers: readonly Issuer[];
  readonly oidcRules: readonly OidcRule[];
  readonly awsRules: readonly AwsRule[];
}

/** Whether nobody has configured anything yet. */
export function isUnconfigured({ principals, grants, oidcRules, awsRules }: AccessSnapshot): boolean {
  return [principals, grants, oidcRules, awsRules].every((list) => list.length === 0);
}

const EVERYTHING: Key<object> = { partition: PARTITIONS.access, sort: "" };

export async function loadAccess(records: RecordStore): Promise<AccessSnapshot> {
  const entries: Entry<object>[] = [];
  for await (const entry of queryAll(records, EVERYTHING)) entries.push(entry);
  return {
    principals: principalsOf(entries),
    grants: grantsIn(entries),
    issuers: valuesOf<Issuer>(entries, ACCESS_SORT.issuer),
    oidcRules: valuesOf<OidcRule>(entries, ACCESS_SORT.oidcRule),
    awsRules: valuesOf<AwsRule>(entries, ACCESS_SORT.awsRule),
  };
}

function principalsOf(entries: readonly Entry<object>[]): readonly Principal[] {
  return PRINCIPAL_KINDS.flatMap((kind) => {
    const used = new Map(
      startingWith<UsedRecord>(entries, `${ACCESS_SORT.used}${kind}#`).map(([name, { at }]) => [name, at]),
    );
    return startingWith<PrincipalRecord>(entries, `${ACCESS_SORT.principal}${kind}#`).flatMap(
      ([name, record]) => {
        const lastUsed = used.get(name);
        const principal = { ...record, kind, ...(lastUsed === undefined ? {} : { lastUsed }) };
        return isName(name) ? [{ ...principal, name }] : [];
      },
    );
  });
}

function grantsIn(entries: readonly Entry<object>[]): readonly Grant[] {
  return startingWith<GrantRecord>(entries, ACCESS_SORT.grant).flatMap(([rest, { actions }]) => {
    const [subject = "", pattern = ""] = rest.split("#");
    return isSubject(subject) && isPattern(pattern)
      ? [{ subject, pattern, actions: actions.filter(isAction) }]
      : [];
  });
}

function valuesOf<T extends object>(entries: readonly Entry<object>[], prefix: string): readonly T[] {
  return startingWith<T>(entries, prefix).map(([, value]) => value);
}

/** Records by what follows the prefix in their keys. */
function startingWith<T>(entries: readonly Entry<object>[], prefix: string): readonly [string, T][] {
  return entries
    .filter(({ key }) => key.sort.startsWith(prefix))
    .map(({ key, value }) => [key.sort.slice(prefix.length), value as T]);
}

/** Milliseconds after which the snapshot is loaded again: a change holds everywhere after at most so long. */
const ACCESS_FRESH_MILLISECONDS = 2000;

/**
 * Returns the snapshot, kept for a moment, so that requests that follow each other need not load it.
 * @param monotonicNow milliseconds of a clock that never goes back
 */
export function cachedAccess(
  records: RecordStore,
  monotonicNow: () => number,
): () => Promise<AccessSnapshot> {
  const cache = new RefreshingCache({
    load: () => loadAccess(records),
    monotonicNow,
    freshFor: ACCESS_FRESH_MILLISECONDS,
  });
  return () => cache.get();
}
