import { AccessError } from "../access-error.ts";
import type { AccountKind } from "../accounts/accounts.ts";
import { granteeOf } from "../grants/grantee.ts";
import type { Grant } from "../grants/grants.ts";
import { hasMember, type Members } from "../grants/members.ts";
import type { AccessSnapshot } from "../snapshot.ts";
import type { AccessFile, AccessFileAccount } from "./access-file.ts";
import type { PlanOptions } from "./access-plan.ts";

/** The configuration that grants refer to. */
export type Configured = Members & { readonly grants: readonly Grant[] };

/** Returns the configuration after an access file has been applied. */
export function resultOf(
  { accounts }: AccessSnapshot,
  { users, robots, grants, oidcRules, awsRules }: AccessFile,
  { create, pruneAccounts }: PlanOptions,
): Configured {
  const keyOf = ({ kind, name }: Members["accounts"][number]) => granteeOf(kind, name);
  const existing = new Set(accounts.map(keyOf));
  const ofKind = (kind: AccountKind, declared: readonly AccessFileAccount[]) =>
    declared.map((account) => ({ kind, ...account }));
  const declared = [...ofKind("user", users), ...ofKind("robot", robots)];
  const names = new Set(declared.map(keyOf));
  const kept = pruneAccounts ? [] : accounts.filter((account) => !names.has(keyOf(account)));
  return {
    accounts: [
      ...declared.filter((account) => create || existing.has(keyOf(account))),
      ...kept.map(({ kind, name }) => ({ kind, name, groups: [] })),
    ],
    ...{ grants, oidcRules, awsRules },
  };
}

/** Rejects a change that would leave no identity with admin rights. @throws AccessError with LAST_ADMIN */
export function assertAdminRemains(before: Configured, after: Configured): void {
  if (hasAdmin(before) && !hasAdmin(after)) throw new AccessError({ code: "LAST_ADMIN" });
}

function hasAdmin(configured: Configured): boolean {
  return configured.grants.some(
    ({ subject, actions }) => actions.includes("admin") && hasMember(subject, configured),
  );
}
