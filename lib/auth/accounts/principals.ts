import { randomBytes, randomUUID } from "node:crypto";
import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import { type Change, check, type Key, put, remove } from "../../ports/record-store.ts";
import { type PrincipalName, parseName } from "../grants/subject.ts";
import { hashSecret, newSecret } from "./secrets.ts";

export const PRINCIPAL_KINDS = ["user", "robot"] as const;

export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** Times are ISO 8601. */
export type StoredSecret = {
  readonly id: string;
  readonly hash: string;
  readonly created: string;
  readonly expires?: string;
};

export type PrincipalRecord = {
  readonly secrets: readonly StoredSecret[];
  readonly groups: readonly PrincipalName[];
  readonly created: string;
  /** Another one with each change: who changes the record does so on the condition that it is as it was. */
  readonly version: string;
};

/** Written at most once an hour, and apart, so that it never stands in the way of a change. */
export type UsedRecord = { readonly at: string };

/** A person or a machine with secrets of their own. A name is one of either, since clients send nothing else. */
export interface Principal extends PrincipalRecord {
  readonly kind: PrincipalKind;
  readonly name: PrincipalName;
  readonly lastUsed?: string;
}

function principalKey(kind: PrincipalKind, name: PrincipalName): Key<PrincipalRecord> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.principal}${kind}#${name}` };
}

export function usedKey(kind: PrincipalKind, name: PrincipalName): Key<UsedRecord> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.used}${kind}#${name}` };
}

/** Until when a secret is good. Undefined: until it is rotated or removed. */
export type Expiry = Date | undefined;

/** More would only slow down who reads them all. */
const MAX_SECRETS = 5;

/** A new secret, and what is stored of it. */
async function makeSecret(now: Date, expires: Expiry): Promise<{ secret: string; stored: StoredSecret }> {
  const { id, secret } = newSecret();
  const hash = await hashSecret(secret, randomBytes(16));
  const created = now.toISOString();
  return {
    secret,
    stored: { id, hash, created, ...(expires === undefined ? {} : { expires: expires.toISOString() }) },
  };
}

/** What is to be written for a new principal, on the condition that nobody has the name. */
export async function newPrincipal(
  kind: PrincipalKind,
  name: PrincipalName,
  { groups, expires, now }: { groups: readonly string[]; expires: Expiry; now: Date },
): Promise<{ readonly secret: string; readonly changes: readonly Change[] }> {
  const { secret, stored } = await makeSecret(now, expires);
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
      put(principalKey(kind, name), record, "absent"),
      check(principalKey(other, name), "absent"),
      remove(usedKey(kind, name)),
    ],
  };
}

/**
 * What is to be written to give a principal another secret.
 * @param keep until when the present ones stay good at most: now, to end them at once
 */
export async function rotated(
  { kind, name, secrets, groups, created, version }: Principal,
  { keep, expires, now }: { keep: Date; expires: Expiry; now: Date },
): Promise<{ readonly secret: string; readonly changes: readonly Change[] }> {
  const { secret, stored } = await makeSecret(now, expires);
  const kept = secrets
    .map((old) => ({ ...old, expires: earlier(old.expires, keep) }))
    .filter((old) => Date.parse(old.expires) > now.getTime())
    .slice(-(MAX_SECRETS - 1));
  const record = { secrets: [...kept, stored], groups, created, version: stored.id };
  return { secret, changes: [put(principalKey(kind, name), record, { where: { version } })] };
}

function earlier(time: string | undefined, other: Date): string {
  return time !== undefined && Date.parse(time) < other.getTime() ? time : other.toISOString();
}

/** What is to be written to put a principal in other groups, unless it has been changed meanwhile. */
export function regrouped(
  { kind, name, secrets, created, version }: Principal,
  groups: readonly PrincipalName[],
): readonly Change[] {
  const record = { secrets, groups, created, version: randomUUID() };
  return [put(principalKey(kind, name), record, { where: { version } })];
}

/** What is to be written to take a principal away, with all of its secrets, at once. */
export function removal({ kind, name }: Pick<Principal, "kind" | "name">): readonly Change[] {
  return [remove(principalKey(kind, name), "present"), remove(usedKey(kind, name))];
}

export function isGood({ expires }: StoredSecret, now: Date): boolean {
  return expires === undefined || Date.parse(expires) > now.getTime();
}
