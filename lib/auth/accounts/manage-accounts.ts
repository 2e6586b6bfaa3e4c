import type { RecordStore } from "../../ports/record-store.ts";
import { AccessError, failOnConflict } from "../access-error.ts";
import { writeAccess } from "../access-version.ts";
import { parseName } from "../grants/grantee.ts";
import { loadAccess } from "../snapshot.ts";
import {
  type Account,
  type AccountKind,
  createAccount,
  deleteAccountRecords,
  rotateSecret,
} from "./accounts.ts";

/** An account as it is listed, without the hashes of its secrets. Times are ISO 8601. */
export interface AccountSummary {
  readonly name: string;
  readonly groups: readonly string[];
  readonly created: string;
  readonly lastUsed: string | undefined;
  readonly secrets: readonly { readonly id: string; readonly created: string; readonly expires?: string }[];
}

/** A new secret in plain text. It is returned once and stored only as a hash; `expires` is ISO 8601. */
export interface IssuedSecret {
  readonly name: string;
  readonly secret: string;
  readonly expires: string | undefined;
}

/** The groups of a new account and the lifetime of its secret. */
export interface AddAccountOptions {
  readonly groups: readonly string[];
  /** The lifetime of the secret in milliseconds; undefined for no expiry. */
  readonly expires: number | undefined;
}

/**
 * Creates a user or robot with a new secret.
 * @throws MalformedError when the name or a group is malformed
 * @throws AccessError with NAME_TAKEN
 */
export async function addAccount(
  records: RecordStore,
  kind: AccountKind,
  name: string,
  options: AddAccountOptions,
  now: Date,
): Promise<IssuedSecret> {
  const expires = expiryAfter(now, options.expires);
  const { secret, changes } = await createAccount(kind, parseName(name), { ...options, expires, now });
  await failOnConflict(writeAccess(records, changes), { code: "NAME_TAKEN", name });
  return { name, secret, expires: expires?.toISOString() };
}

/** The lifetimes of the old secrets and the new one. */
export interface RotateSecretOptions {
  /** Milliseconds for which the old secrets stay valid. */
  readonly keep: number;
  /** The lifetime of the new secret in milliseconds; undefined for no expiry. */
  readonly expires: number | undefined;
}

/**
 * Adds a new secret to an account and limits the lifetime of its old ones.
 * @throws AccessError with ACCOUNT_UNKNOWN or ACCOUNT_CHANGED
 */
export async function rotateAccount(
  records: RecordStore,
  kind: AccountKind,
  name: string,
  options: RotateSecretOptions,
  now: Date,
): Promise<IssuedSecret> {
  const account = await findAccount(records, kind, name);
  const expires = expiryAfter(now, options.expires);
  const keep = new Date(now.getTime() + options.keep);
  const { secret, changes } = await rotateSecret(account, { keep, expires, now });
  await failOnConflict(writeAccess(records, changes), { code: "ACCOUNT_CHANGED", name });
  return { name, secret, expires: expires?.toISOString() };
}

/**
 * Deletes an account with all of its secrets.
 * @throws AccessError with ACCOUNT_UNKNOWN
 */
export async function removeAccount(records: RecordStore, kind: AccountKind, name: string): Promise<void> {
  const changes = deleteAccountRecords({ kind, name: parseName(name) });
  await failOnConflict(writeAccess(records, changes), { code: "ACCOUNT_UNKNOWN", kind, name });
}

/** Lists the accounts of one kind. */
export async function listAccounts(
  records: RecordStore,
  kind: AccountKind,
): Promise<readonly AccountSummary[]> {
  const { accounts } = await loadAccess(records);
  return accounts
    .filter((account) => account.kind === kind)
    .map(({ name, groups, created, lastUsed, secrets }) => ({
      ...{ name, groups, created, lastUsed },
      secrets: secrets.map(({ hash: _, ...listed }) => listed),
    }));
}

async function findAccount(records: RecordStore, kind: AccountKind, name: string): Promise<Account> {
  const { accounts } = await loadAccess(records);
  const found = accounts.find((account) => account.kind === kind && account.name === name);
  if (found === undefined) throw new AccessError({ code: "ACCOUNT_UNKNOWN", kind, name });
  return found;
}

/** Returns the time at which a lifetime that begins now ends. */
function expiryAfter(now: Date, milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(now.getTime() + milliseconds);
}
