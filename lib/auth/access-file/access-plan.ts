import { isDeepStrictEqual } from "node:util";
import { type Change, type Key, put, type RecordStore, remove } from "../../ports/record-store.ts";
import { AccessError, failOnConflict } from "../access-error.ts";
import { MAX_ACCESS_CHANGES, writeAccess } from "../access-version.ts";
import {
  type Account,
  type AccountKind,
  changeGroups,
  createAccount,
  deleteAccountRecords,
} from "../accounts/accounts.ts";
import { awsRuleKey } from "../aws/rule.ts";
import { grantKey, grantNameOf } from "../grants/grants.ts";
import { issuerKey } from "../oidc/issuer.ts";
import { oidcRuleKey } from "../oidc/rule.ts";
import type { AccessSnapshot } from "../snapshot.ts";
import type { AccessFile, AccessFileAccount } from "./access-file.ts";

/** One difference between the stored configuration and an access file. */
export interface PlanStep {
  /** The change that resolves the difference; `missing` and `extra` report an account that stays as it is. */
  readonly change: "add" | "change" | "remove" | "missing" | "extra";
  readonly kind: AccountKind | "issuer" | "oidc-rule" | "aws-rule" | "grant";
  readonly name: string;
  /** The stored value, absent for an addition. */
  readonly before?: object;
  /** The value in the file, absent for a removal. */
  readonly after?: object;
  /** The writes of this step. */
  readonly changes: readonly Change[];
  /** The account to create, with a new secret. */
  readonly account?: AccessFileAccount & { readonly kind: AccountKind };
}

/** The changes to accounts that a plan may contain. */
export interface PlanOptions {
  /** Whether missing accounts are created. */
  readonly create: boolean;
  /** Whether accounts that are not in the file are deleted. */
  readonly pruneAccounts: boolean;
}

/**
 * Plans the steps from the stored configuration to the one in the file. Surplus grants are removed first, so that no
 * later step makes them effective for another identity; additions and changes follow, other removals come last.
 * @throws AccessError with KIND_TAKEN when the file declares an account whose name is taken by an account of the other
 * kind, and the plan does not prune that account
 */
export function planAccess(
  present: AccessSnapshot,
  expected: AccessFile,
  options: PlanOptions,
): readonly PlanStep[] {
  if (!options.pruneAccounts) assertSameKinds(present.accounts, expected);
  const ofKind = (kind: AccountKind, accounts: readonly AccessFileAccount[]) =>
    planAccounts(
      kind,
      present.accounts.filter((existing) => existing.kind === kind),
      accounts,
      options,
    );
  const steps = [
    ...ofKind("user", expected.users),
    ...ofKind("robot", expected.robots),
    ...planItems(itemsOf(present), itemsOf(expected)),
  ];
  return steps.toSorted((one, other) => phaseOf(one) - phaseOf(other));
}

/** Returns the phase in which the step is applied: 0, 1 or 2. */
function phaseOf({ change, kind }: PlanStep): number {
  if (change !== "remove" && change !== "extra") return 1;
  return kind === "grant" ? 0 : 2;
}

/** Rejects a change of kind: users and robots share one namespace. */
function assertSameKinds(present: readonly Account[], { users, robots }: AccessFile): void {
  const kinds = new Map(present.map(({ kind, name }) => [name, kind]));
  const check = (kind: AccountKind, accounts: readonly AccessFileAccount[]) => {
    for (const { name } of accounts) {
      const taken = kinds.get(name) ?? kind;
      if (taken === kind) continue;
      throw new AccessError({ code: "KIND_TAKEN", name, kind, taken });
    }
  };
  check("user", users);
  check("robot", robots);
}

interface Item extends Pick<PlanStep, "kind" | "name"> {
  readonly key: Key<object>;
  readonly value: object;
}

type Configured = Pick<AccessSnapshot, "issuers" | "oidcRules" | "awsRules" | "grants">;

function itemsOf({ issuers, oidcRules, awsRules, grants }: Configured): readonly Item[] {
  return [
    ...issuers.map((value): Item => ({ kind: "issuer", name: value.url, key: issuerKey(value.url), value })),
    ...oidcRules.map(
      (value): Item => ({ kind: "oidc-rule", name: value.name, key: oidcRuleKey(value.name), value }),
    ),
    ...awsRules.map(
      (value): Item => ({ kind: "aws-rule", name: value.name, key: awsRuleKey(value.name), value }),
    ),
    ...grants.map((grant): Item => {
      const { subject, pattern, actions } = grant;
      return { kind: "grant", name: grantNameOf(grant), key: grantKey(subject, pattern), value: { actions } };
    }),
  ];
}

function planItems(present: readonly Item[], expected: readonly Item[]): readonly PlanStep[] {
  const stored = new Map(present.map((item) => [item.key.sort, item.value]));
  const expectedKeys = new Set(expected.map(({ key }) => key.sort));
  const declared = expected.flatMap(({ kind, name, key, value: after }): readonly PlanStep[] => {
    const before = stored.get(key.sort);
    if (isDeepStrictEqual(before, after)) return [];
    const changes = [put(key, after)];
    return before === undefined
      ? [{ change: "add", kind, name, after, changes }]
      : [{ change: "change", kind, name, before, after, changes }];
  });
  const surplus = present
    .filter(({ key }) => !expectedKeys.has(key.sort))
    .map(
      ({ kind, name, key, value: before }): PlanStep => ({
        ...{ change: "remove", kind, name, before },
        changes: [remove(key)],
      }),
    );
  return [...declared, ...surplus];
}

function planAccounts(
  kind: AccountKind,
  present: readonly Account[],
  expected: readonly AccessFileAccount[],
  { create, pruneAccounts }: PlanOptions,
): readonly PlanStep[] {
  const declared = expected.flatMap((account): readonly PlanStep[] => {
    const { name, groups } = account;
    const after = { groups };
    const found = present.find((existing) => existing.name === name);
    if (found === undefined) {
      if (!create) return [{ change: "missing", kind, name, after, changes: [] }];
      return [{ change: "add", kind, name, after, changes: [], account: { ...account, kind } }];
    }
    if (isDeepStrictEqual(found.groups.toSorted(), groups.toSorted())) return [];
    const before = { groups: found.groups };
    return [{ change: "change", kind, name, before, after, changes: changeGroups(found, groups) }];
  });
  const expectedNames = new Set(expected.map(({ name }) => name));
  const surplus = present
    .filter(({ name }) => !expectedNames.has(name))
    .flatMap((existing): readonly PlanStep[] => {
      const step = { kind, name: existing.name, before: { groups: existing.groups } };
      if (pruneAccounts) return [{ change: "remove", ...step, changes: deleteAccountRecords(existing) }];
      const reported: PlanStep = { change: "extra", kind, name: existing.name, changes: [] };
      if (existing.groups.length === 0) return [reported];
      return [
        { change: "change", ...step, after: { groups: [] }, changes: changeGroups(existing, []) },
        reported,
      ];
    });
  return [...declared, ...surplus];
}

/** The clock and the callbacks of `applyPlan`. */
export interface ApplyPlanOptions {
  now(): Date;
  /** Called with each step as soon as it is stored, except for accounts that are created or left unchanged. */
  readonly onDone?: (step: PlanStep) => void;
  /** Called with each created account as soon as it is stored: its secret cannot be read again. */
  readonly onSecret: (kind: AccountKind, name: string, secret: string) => void;
}

/**
 * Applies a plan in atomic batches of up to `MAX_ACCESS_CHANGES` changes. After a failure, planning and applying again completes
 * the rest.
 * @throws AccessError with ACCOUNTS_CHANGED or NAME_TAKEN
 */
export async function applyPlan(
  records: RecordStore,
  steps: readonly PlanStep[],
  { now, onDone, onSecret }: ApplyPlanOptions,
): Promise<void> {
  for (const batch of batchesOf(steps.filter(({ changes }) => changes.length > 0))) {
    const changes = batch.flatMap((step) => step.changes);
    await failOnConflict(writeAccess(records, changes), { code: "ACCOUNTS_CHANGED" });
    for (const step of batch) onDone?.(step);
  }
  for (const { kind, name, groups } of steps.flatMap(({ account }) => account ?? [])) {
    const created = await createAccount(kind, name, { groups, expires: undefined, now: now() });
    await failOnConflict(writeAccess(records, created.changes), { code: "NAME_TAKEN", name });
    onSecret(kind, name, created.secret);
  }
}

/** Groups steps into batches of at most `MAX_ACCESS_CHANGES` changes. A step is never split, so that each is atomic. */
function batchesOf(steps: readonly PlanStep[]): readonly (readonly PlanStep[])[] {
  const batches: PlanStep[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const step of steps) {
    size += step.changes.length;
    if (size > MAX_ACCESS_CHANGES) {
      batches.push([]);
      size = step.changes.length;
    }
    batches.at(-1)?.push(step);
  }
  return batches;
}
