import { isDeepStrictEqual } from "node:util";
import { type Change, type Key, MAX_BATCH, put, type RecordStore, remove } from "../../ports/record-store.ts";
import { AccessError, failOnConflict } from "../access-error.ts";
import {
  newPrincipal,
  type Principal,
  type PrincipalKind,
  regrouped,
  removal,
} from "../accounts/principals.ts";
import { awsRuleKey } from "../aws/rule.ts";
import { grantKey, ruleOf } from "../grants/grants.ts";
import { issuerKey } from "../oidc/issuer.ts";
import { oidcRuleKey } from "../oidc/rule.ts";
import type { AccessSnapshot } from "../snapshot.ts";
import type { AccessFile, Account } from "./access-file.ts";

/** One thing that is otherwise than the file says. */
export interface Step {
  /** What is done about it; `missing` and `extra` are accounts that nothing is done about. */
  readonly change: "add" | "change" | "remove" | "missing" | "extra";
  readonly kind: PrincipalKind | "issuer" | "oidc-rule" | "aws-rule" | "grant";
  readonly name: string;
  readonly before?: object;
  readonly after?: object;
  readonly changes: readonly Change[];
  /** To be made, with a secret. */
  readonly account?: Account & { readonly kind: PrincipalKind };
}

export interface PlanOptions {
  /** Whether accounts that are missing are made. */
  readonly create: boolean;
  /** Whether accounts that are not in the file are removed. */
  readonly pruneAccounts: boolean;
}

/**
 * What must be done for things to be as wanted. Grants that are not wanted go first, so that nobody gets their rights by
 * what changes afterwards; then comes what is new, and what else is not wanted goes last.
 * @throws AccessError with KIND_TAKEN if an account is wanted whose name one of the other kind keeps
 */
export function planAccess(
  present: AccessSnapshot,
  wanted: AccessFile,
  options: PlanOptions,
): readonly Step[] {
  if (!options.pruneAccounts) assertOneKind(present.principals, wanted);
  const ofKind = (kind: PrincipalKind, accounts: readonly Account[]) =>
    planAccounts(
      kind,
      present.principals.filter((principal) => principal.kind === kind),
      accounts,
      options,
    );
  const steps = [
    ...ofKind("user", wanted.users),
    ...ofKind("robot", wanted.robots),
    ...planItems(itemsOf(present), itemsOf(wanted)),
  ];
  return steps.toSorted((one, other) => placeOf(one) - placeOf(other));
}

function placeOf({ change, kind }: Step): number {
  if (change !== "remove" && change !== "extra") return 1;
  return kind === "grant" ? 0 : 2;
}

/** Users and robots share their names. */
function assertOneKind(present: readonly Principal[], { users, robots }: AccessFile): void {
  const kinds = new Map(present.map(({ kind, name }) => [name, kind]));
  const check = (kind: PrincipalKind, accounts: readonly Account[]) => {
    for (const { name } of accounts) {
      const taken = kinds.get(name) ?? kind;
      if (taken === kind) continue;
      throw new AccessError({ code: "KIND_TAKEN", name, kind, taken });
    }
  };
  check("user", users);
  check("robot", robots);
}

interface Item extends Pick<Step, "kind" | "name"> {
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
      return { kind: "grant", name: ruleOf(grant), key: grantKey(subject, pattern), value: { actions } };
    }),
  ];
}

function planItems(present: readonly Item[], wanted: readonly Item[]): readonly Step[] {
  const stored = new Map(present.map((item) => [item.key.sort, item.value]));
  const isWanted = new Set(wanted.map(({ key }) => key.sort));
  const set = wanted.flatMap(({ kind, name, key, value: after }): readonly Step[] => {
    const before = stored.get(key.sort);
    if (isDeepStrictEqual(before, after)) return [];
    const changes = [put(key, after)];
    return before === undefined
      ? [{ change: "add", kind, name, after, changes }]
      : [{ change: "change", kind, name, before, after, changes }];
  });
  const over = present
    .filter(({ key }) => !isWanted.has(key.sort))
    .map(
      ({ kind, name, key, value: before }): Step => ({
        ...{ change: "remove", kind, name, before },
        changes: [remove(key)],
      }),
    );
  return [...set, ...over];
}

function planAccounts(
  kind: PrincipalKind,
  present: readonly Principal[],
  wanted: readonly Account[],
  { create, pruneAccounts }: PlanOptions,
): readonly Step[] {
  const set = wanted.flatMap((account): readonly Step[] => {
    const { name, groups } = account;
    const after = { groups };
    const found = present.find((principal) => principal.name === name);
    if (found === undefined) {
      if (!create) return [{ change: "missing", kind, name, after, changes: [] }];
      return [{ change: "add", kind, name, after, changes: [], account: { ...account, kind } }];
    }
    if (isDeepStrictEqual(found.groups.toSorted(), groups.toSorted())) return [];
    const before = { groups: found.groups };
    return [{ change: "change", kind, name, before, after, changes: regrouped(found, groups) }];
  });
  const isWanted = new Set(wanted.map(({ name }) => name));
  const over = present
    .filter(({ name }) => !isWanted.has(name))
    .flatMap((principal): readonly Step[] => {
      const step = { kind, name: principal.name, before: { groups: principal.groups } };
      if (pruneAccounts) return [{ change: "remove", ...step, changes: removal(principal) }];
      const kept: Step = { change: "extra", kind, name: principal.name, changes: [] };
      if (principal.groups.length === 0) return [kept];
      return [{ change: "change", ...step, after: { groups: [] }, changes: regrouped(principal, []) }, kept];
    });
  return [...set, ...over];
}

export interface ApplyOptions {
  now(): Date;
  /** Told of each step but those of accounts that are made or left as they are, as soon as it has been taken. */
  readonly onDone?: (step: Step) => void;
  /** Told of each account that is made, as soon as it is: nobody else will ever know its secret. */
  readonly onSecret: (kind: PrincipalKind, name: string, secret: string) => void;
}

/**
 * Makes up to `MAX_BATCH` changes together, or none of them. Planning and applying again completes what failed.
 * @throws AccessError with ACCOUNTS_CHANGED or NAME_TAKEN
 */
export async function applyPlan(
  records: RecordStore,
  steps: readonly Step[],
  { now, onDone, onSecret }: ApplyOptions,
): Promise<void> {
  for (const batch of batchesOf(steps.filter(({ changes }) => changes.length > 0))) {
    const changes = batch.flatMap((step) => step.changes);
    await failOnConflict(records.write(changes), { code: "ACCOUNTS_CHANGED" });
    for (const step of batch) onDone?.(step);
  }
  for (const { kind, name, groups } of steps.flatMap(({ account }) => account ?? [])) {
    const made = await newPrincipal(kind, name, { groups, expires: undefined, now: now() });
    await failOnConflict(records.write(made.changes), { code: "NAME_TAKEN", name });
    onSecret(kind, name, made.secret);
  }
}

/** Steps are not torn apart, so that each is done or not. */
function batchesOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const batches: Step[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const step of steps) {
    size += step.changes.length;
    if (size > MAX_BATCH) {
      batches.push([]);
      size = step.changes.length;
    }
    batches.at(-1)?.push(step);
  }
  return batches;
}
