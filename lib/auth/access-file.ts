import { isDeepStrictEqual } from "node:util";
import {
  type Change,
  type Entry,
  type Key,
  MAX_BATCH,
  put,
  type RecordStore,
  remove,
} from "../registry/ports.ts";
import { ACTIONS, parseAction } from "./actions.ts";
import { awsRuleKey, parseAwsRule } from "./aws/rule.ts";
import { fieldsOf, parseText, parseTexts } from "./configuration.ts";
import { grantKey } from "./grants.ts";
import { issuerKey, parseIssuer } from "./oidc/issuer.ts";
import { oidcRuleKey, parseOidcRule } from "./oidc/rule.ts";
import { parsePattern } from "./pattern.ts";
import { parseSubject } from "./subject.ts";

type Wanted = Entry<object>;

/**
 * The records that an access file asks for: all issuers, rules and grants that there should be. Users and robots are
 * not in it, since their secrets do not belong in a file.
 * @throws RangeError
 */
export function parseAccessFile(value: unknown): readonly Wanted[] {
  const fields = fieldsOf(value, "an access file", ["$schema", "issuers", "oidcRules", "awsRules", "grants"]);
  const each = (name: string, parse: (item: unknown) => Wanted) => listOf(fields.get(name), name).map(parse);
  const wanted = [
    ...each("issuers", (item) => toEntry(parseIssuer(item), ({ url }) => issuerKey(url))),
    ...each("oidcRules", (item) => toEntry(parseOidcRule(item), ({ name }) => oidcRuleKey(name))),
    ...each("awsRules", (item) => toEntry(parseAwsRule(item), ({ name }) => awsRuleKey(name))),
    ...each("grants", parseGrant),
  ];
  assertOnce(wanted);
  return wanted;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new RangeError(`${name} must be a list`);
}

function toEntry<T extends object>(value: T, keyOf: (value: T) => Key<T>): Wanted {
  return { key: keyOf(value), value };
}

function parseGrant(item: unknown): Wanted {
  const fields = fieldsOf(item, "a grant", ["to", "repositories", "actions"]);
  const subject = parseSubject(parseText(fields.get("to"), "to of a grant"));
  const pattern = parsePattern(parseText(fields.get("repositories"), "repositories of a grant"));
  const given = parseTexts(fields.get("actions"), "the actions of a grant").map(parseAction);
  return {
    key: grantKey(subject, pattern),
    value: { actions: ACTIONS.filter((one) => given.includes(one)) },
  };
}

function assertOnce(wanted: readonly Wanted[]): void {
  const seen = new Set<string>();
  for (const { key } of wanted) {
    if (seen.has(key.sort)) throw new RangeError(`${key.sort.replaceAll("#", " ")} is there twice`);
    seen.add(key.sort);
  }
}

const KINDS = ["issuer#", "oidc-rule#", "aws-rule#", "grant#"];

export interface Reconciliation {
  /** What will be there that was not, or was otherwise; by kind and name. */
  readonly set: readonly string[];
  readonly removed: readonly string[];
  readonly changes: readonly Change[];
}

/** What must change for the records to be as wanted. What is new comes first, and what is not wanted goes last. */
export async function reconcile(records: RecordStore, wanted: readonly Wanted[]): Promise<Reconciliation> {
  const present = (await Promise.all(KINDS.map((kind) => allOf(records, kind)))).flat();
  const stored = new Map(present.map(({ key, value }) => [key.sort, value]));
  const isWanted = new Set(wanted.map(({ key }) => key.sort));
  const set = wanted.filter(({ key, value }) => !isDeepStrictEqual(stored.get(key.sort), value));
  const over = present.filter(({ key }) => !isWanted.has(key.sort));
  return {
    set: set.map(nameOf),
    removed: over.map(nameOf),
    changes: [...set.map(({ key, value }) => put(key, value)), ...over.map(({ key }) => remove(key))],
  };
}

/** Repeating it after a failure completes it. */
export async function apply(records: RecordStore, { changes }: Reconciliation): Promise<void> {
  for (let at = 0; at < changes.length; at += MAX_BATCH) {
    await records.write(changes.slice(at, at + MAX_BATCH));
  }
}

async function allOf(records: RecordStore, kind: string): Promise<readonly Wanted[]> {
  const entries: Wanted[] = [];
  for (let page: readonly Wanted[] | undefined; page === undefined || page.length > 0; ) {
    const after = entries.at(-1)?.key.sort ?? "";
    page = await records.query<object>({ partition: "access", sort: kind }, { after, limit: 1000 });
    entries.push(...page);
  }
  return entries;
}

function nameOf({ key }: Wanted): string {
  return key.sort.replaceAll("#", " ");
}
