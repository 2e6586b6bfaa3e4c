import { ACTIONS, type Action } from "../grants/actions.ts";
import { type Grant, grantNameOf } from "../grants/grants.ts";
import type { AccessSnapshot } from "../snapshot.ts";
import { type AccessFile, type AccessFileAccount, toAccessFile } from "./access-file.ts";

/**
 * Returns the file that declares the stored configuration plus the additions of another file. Accounts keep their existing
 * groups, and grants on the same pattern keep their existing actions. If both declare an issuer or a rule, the added file wins.
 */
export function mergeAccessFile(present: AccessSnapshot, added: AccessFile): AccessFile {
  const stored = toAccessFile(present);
  const nameOf = ({ name }: { readonly name: string }) => name;
  return {
    users: merge(stored.users, added.users, nameOf, mergeGroups),
    robots: merge(stored.robots, added.robots, nameOf, mergeGroups),
    issuers: merge(stored.issuers, added.issuers, ({ url }) => url, takeAdded),
    oidcRules: merge(stored.oidcRules, added.oidcRules, nameOf, takeAdded),
    awsRules: merge(stored.awsRules, added.awsRules, nameOf, takeAdded),
    grants: merge(stored.grants, added.grants, grantNameOf, mergeActions),
  };
}

/** Merges two lists by key: items with equal keys are the same item. */
function merge<T>(
  stored: readonly T[],
  added: readonly T[],
  keyOf: (item: T) => string,
  combine: (stored: T, added: T) => T,
): readonly T[] {
  const merged = new Map(stored.map((item) => [keyOf(item), item]));
  for (const item of added) {
    const existing = merged.get(keyOf(item));
    merged.set(keyOf(item), existing === undefined ? item : combine(existing, item));
  }
  return [...merged.values()];
}

function mergeGroups(stored: AccessFileAccount, added: AccessFileAccount): AccessFileAccount {
  return { ...stored, groups: [...new Set([...stored.groups, ...added.groups])] };
}

function mergeActions(stored: Grant, added: Grant): Grant {
  const has = (action: Action) => stored.actions.includes(action) || added.actions.includes(action);
  return { ...stored, actions: ACTIONS.filter(has) };
}

function takeAdded<T>(_stored: T, added: T): T {
  return added;
}
