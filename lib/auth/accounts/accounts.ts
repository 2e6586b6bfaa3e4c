import { randomBytes, randomUUID } from "node:crypto";
import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import { type Change, check, type Key, put, remove } from "../../ports/record-store.ts";
import { type AccountName, parseName } from "../grants/grantee.ts";
import { generateSecret, hashSecret } from "./secrets.ts";

/** The kinds of accounts: a user is a person, a robot a machine. */
export const ACCOUNT_KINDS = ["user", "robot"] as const;

/** The kind of an account, as stored in its key. */
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** The stored form of a secret: its id and its hash. Times are ISO 8601. */
export type StoredSecret = {
  readonly id: string;
  readonly hash: string;
  readonly created: string;
  readonly expires?: string;
};

/** The stored form of an account. Times are ISO 8601. */
export type AccountRecord = {
  readonly secrets: readonly StoredSecret[];
  readonly groups: readonly AccountName[];
  readonly created: string;
  /** A random value that each change replaces. A change is conditional on the value that was read (optimistic locking). */
  readonly version: string;
};

/** The last use of an account, in ISO 8601. A separate record, so that recording a use never conflicts with a change. */
export type LastUseRecord = { readonly at: string };

/** A user or robot. Users and robots share one namespace, since clients send the name without the kind. */
export interface Account extends AccountRecord {
  readonly kind: AccountKind;
  readonly name: AccountName;
  readonly lastUsed?: string;
}

function accountKey(kind: AccountKind, name: AccountName): Key<AccountRecord> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.principal}${kind}#${name}` };
}

/** Returns the key of an account's last use. */
export function lastUseKey(kind: AccountKind, name: AccountName): Key<LastUseRecord> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.used}${kind}#${name}` };
}

/** The time at which a secret expires; undefined for a secret that is valid until it is rotated or deleted. */
export type Expiry = Date | undefined;

/** Bounds the access configuration: every process loads all secrets of all accounts. */
const MAX_SECRETS_PER_ACCOUNT = 5;

/** Generates a secret and its stored form. */
async function createSecret(now: Date, expires: Expiry): Promise<{ secret: string; stored: StoredSecret }> {
  const { id, secret } = generateSecret();
  const hash = hashSecret(secret, randomBytes(16));
  const created = now.toISOString();
  return {
    secret,
    stored: { id, hash, created, ...(expires === undefined ? {} : { expires: expires.toISOString() }) },
  };
}

/**
 * Creates an account with one secret.
 * @returns the secret in plain text, and the writes, which are conditional on no user or robot having the name
 * @throws MalformedError when the name of a group is malformed
 */
export async function createAccount(
  kind: AccountKind,
  name: AccountName,
  { groups, expires, now }: { groups: readonly string[]; expires: Expiry; now: Date },
): Promise<{ readonly secret: string; readonly changes: readonly Change[] }> {
  const { secret, stored } = await createSecret(now, expires);
  const record = {
    secrets: [stored],
    groups: groups.map(parseName),
    created: now.toISOString(),
    version: stored.id,
  };
  const other = kind === "user" ? "robot" : "user";
  return {
    secret,
    changes: [
      put(accountKey(kind, name), record, "absent"),
      check(accountKey(other, name), "absent"),
      remove(lastUseKey(kind, name)),
    ],
  };
}

/**
 * Adds a new secret to an account and limits the lifetime of its old ones.
 * @param keep the latest time at which the old secrets expire: now, to revoke them immediately
 * @returns the secret in plain text, and the writes, which are conditional on the account being unchanged
 */
export async function rotateSecret(
  { kind, name, secrets, groups, created, version }: Account,
  { keep, expires, now }: { keep: Date; expires: Expiry; now: Date },
): Promise<{ readonly secret: string; readonly changes: readonly Change[] }> {
  const { secret, stored } = await createSecret(now, expires);
  const oldSecrets = secrets
    .map((old) => ({ ...old, expires: earlier(old.expires, keep) }))
    .filter((old) => Date.parse(old.expires) > now.getTime())
    .slice(-(MAX_SECRETS_PER_ACCOUNT - 1));
  const record = { secrets: [...oldSecrets, stored], groups, created, version: stored.id };
  return { secret, changes: [put(accountKey(kind, name), record, { where: { version } })] };
}

/** Returns the earlier time in ISO 8601. */
function earlier(time: string | undefined, other: Date): string {
  return time !== undefined && Date.parse(time) < other.getTime() ? time : other.toISOString();
}

/** Returns the writes that replace an account's groups, conditional on the account being unchanged. */
export function changeGroups(
  { kind, name, secrets, created, version }: Account,
  groups: readonly AccountName[],
): readonly Change[] {
  const record = { secrets, groups, created, version: randomUUID() };
  return [put(accountKey(kind, name), record, { where: { version } })];
}

/** Returns the writes that delete an account with all of its secrets, conditional on its existence. */
export function deleteAccountRecords({ kind, name }: Pick<Account, "kind" | "name">): readonly Change[] {
  return [remove(accountKey(kind, name), "present"), remove(lastUseKey(kind, name))];
}

/** Returns whether the secret has not expired. */
export function isUnexpired({ expires }: StoredSecret, now: Date): boolean {
  return expires === undefined || Date.parse(expires) > now.getTime();
}
