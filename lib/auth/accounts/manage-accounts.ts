import type { RecordStore } from "../../ports/record-store.ts";
import { AccessError, failOnConflict } from "../access-error.ts";
import { parseName } from "../grants/subject.ts";
import { loadAccess } from "../snapshot.ts";
import { newPrincipal, type Principal, type PrincipalKind, removal, rotated } from "./principals.ts";

/** What is shown of an account. Times are ISO 8601. */
export interface Account {
  readonly name: string;
  readonly groups: readonly string[];
  readonly created: string;
  readonly lastUsed: string | undefined;
  readonly secrets: readonly { readonly id: string; readonly created: string; readonly expires?: string }[];
}

/** A secret that is shown this once. */
export interface Shown {
  readonly name: string;
  readonly secret: string;
  readonly expires: string | undefined;
}

export interface AddOptions {
  readonly groups: readonly string[];
  /** Milliseconds. */
  readonly expires: number | undefined;
}

/** @throws AccessError with NAME_TAKEN */
export async function addAccount(
  records: RecordStore,
  kind: PrincipalKind,
  name: string,
  options: AddOptions,
  now: Date,
): Promise<Shown> {
  const expires = after(now, options.expires);
  const { secret, changes } = await newPrincipal(kind, parseName(name), { ...options, expires, now });
  await failOnConflict(records.write(changes), { code: "NAME_TAKEN", name });
  return { name, secret, expires: expires?.toISOString() };
}

export interface RotateOptions {
  /** Milliseconds for which the old secrets stay good. */
  readonly keep: number;
  readonly expires: number | undefined;
}

/** @throws AccessError with ACCOUNT_UNKNOWN or ACCOUNT_CHANGED */
export async function rotateAccount(
  records: RecordStore,
  kind: PrincipalKind,
  name: string,
  options: RotateOptions,
  now: Date,
): Promise<Shown> {
  const principal = await findAccount(records, kind, name);
  const expires = after(now, options.expires);
  const keep = new Date(now.getTime() + options.keep);
  const { secret, changes } = await rotated(principal, { keep, expires, now });
  await failOnConflict(records.write(changes), { code: "ACCOUNT_CHANGED", name });
  return { name, secret, expires: expires?.toISOString() };
}

/** @throws AccessError with ACCOUNT_UNKNOWN */
export async function removeAccount(records: RecordStore, kind: PrincipalKind, name: string): Promise<void> {
  const changes = removal({ kind, name: parseName(name) });
  await failOnConflict(records.write(changes), { code: "ACCOUNT_UNKNOWN", kind, name });
}

export async function listAccounts(records: RecordStore, kind: PrincipalKind): Promise<readonly Account[]> {
  const { principals } = await loadAccess(records);
  return principals
    .filter((principal) => principal.kind === kind)
    .map(({ name, groups, created, lastUsed, secrets }) => ({
      ...{ name, groups, created, lastUsed },
      secrets: secrets.map(({ hash: _, ...shown }) => shown),
    }));
}

async function findAccount(records: RecordStore, kind: PrincipalKind, name: string): Promise<Principal> {
  const { principals } = await loadAccess(records);
  const found = principals.find((principal) => principal.kind === kind && principal.name === name);
  if (found === undefined) throw new AccessError({ code: "ACCOUNT_UNKNOWN", kind, name });
  return found;
}

function after(now: Date, milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(now.getTime() + milliseconds);
}
