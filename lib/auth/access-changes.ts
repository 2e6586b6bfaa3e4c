import { isDeepStrictEqual } from "node:util";
import { toAccessFile } from "./access-file/access-file.ts";
import { type PlanStep, planAccess } from "./access-file/access-plan.ts";
import type { Account } from "./accounts/accounts.ts";
import { type Grantee, granteeOf } from "./grants/grantee.ts";
import type { AccessSnapshot } from "./snapshot.ts";

/** One difference between two access configurations. */
export type AccessChange = Pick<PlanStep, "change" | "kind" | "name" | "before" | "after">;

/** Lists the differences between two access configurations. Accounts are compared by their groups and secret ids. */
export function compareAccess(before: AccessSnapshot, after: AccessSnapshot): readonly AccessChange[] {
  const steps = planAccess(
    { ...before, accounts: [] },
    { ...toAccessFile(after), users: [], robots: [] },
    { create: false, pruneAccounts: false },
  );
  return [
    ...compareAccounts(before.accounts, after.accounts),
    ...steps.map(({ changes: _, ...change }) => change),
  ];
}

function compareAccounts(before: readonly Account[], after: readonly Account[]): readonly AccessChange[] {
  const stored = new Map(before.map((account) => [keyOf(account), account]));
  const remaining = new Set(after.map(keyOf));
  const removed = before.filter((account) => !remaining.has(keyOf(account)));
  return [
    ...after.flatMap((account) => compareAccount(stored.get(keyOf(account)), account)),
    ...removed.map(
      (account): AccessChange => ({ change: "remove", ...nameOf(account), before: describe(account) }),
    ),
  ];
}

function compareAccount(before: Account | undefined, after: Account): readonly AccessChange[] {
  if (before === undefined) return [{ change: "add", ...nameOf(after), after: describe(after) }];
  const values = { before: describe(before), after: describe(after) };
  if (isDeepStrictEqual(values.before, values.after)) return [];
  return [{ change: "change", ...nameOf(after), ...values }];
}

function keyOf({ kind, name }: Account): Grantee {
  return granteeOf(kind, name);
}

function nameOf({ kind, name }: Account): Pick<AccessChange, "kind" | "name"> {
  return { kind, name };
}

/** Returns the fields that determine an account's access, without the hashes of its secrets. */
function describe({ groups, secrets }: Account): object {
  return { groups, secrets: secrets.map(({ id, expires }) => ({ id, expires })) };
}
