import type { Principal, PrincipalKind } from "../accounts/principals.ts";
import { parseAwsRule } from "../aws/rule.ts";
import { excerptOf, fieldsOf, parseText, parseTexts } from "../configuration.ts";
import { ACTIONS, parseAction } from "../grants/actions.ts";
import { type Grant, ruleOf } from "../grants/grants.ts";
import { parsePattern } from "../grants/pattern.ts";
import {
  type PrincipalName,
  parseName,
  parseSubject,
  type Subject,
  type SubjectKind,
  subjectOf,
} from "../grants/subject.ts";
import { MalformedError } from "../malformed-error.ts";
import { parseIssuer } from "../oidc/issuer.ts";
import { parseOidcRule } from "../oidc/rule.ts";
import type { AccessSnapshot } from "../snapshot.ts";

/** A user or robot, of which a file says no more than this: secrets do not belong in files. */
export type Account = Pick<Principal, "name" | "groups">;

/** All that is configured of who may do what, as one file says it. What is missing in it is empty. */
export interface AccessFile extends Omit<AccessSnapshot, "principals"> {
  readonly users: readonly Account[];
  readonly robots: readonly Account[];
}

const LISTS = ["users", "robots", "issuers", "oidcRules", "awsRules", "grants"] as const;

type List = (typeof LISTS)[number];

/**
 * A file that contradicts itself is refused as well: what is there twice, or speaks of a rule or issuer that is not.
 * @throws MalformedError that says where it is wrong: `grants[3].pattern: ...`
 */
export function parseAccessFile(value: unknown): AccessFile {
  const fields = fieldsOf(value, "an access file", ["$schema", ...LISTS]);
  const list = <T>(name: List, parse: (item: unknown, place: string) => T): readonly T[] =>
    itemsOf(fields.get(name), name).map((item, index) => {
      const place = `${name}[${index}]`;
      return at(place, () => parse(item, place));
    });
  const file = {
    users: list("users", parseAccount),
    robots: list("robots", parseAccount),
    issuers: list("issuers", parseIssuer),
    oidcRules: list("oidcRules", parseOidcRule),
    awsRules: list("awsRules", parseAwsRule),
    grants: list("grants", parseGrant),
  };
  assertOnce(file);
  assertKnown(file);
  return file;
}

/** What is configured, as the file that would make it so. */
export function toAccessFile({ principals, ...rest }: AccessSnapshot): AccessFile {
  const ofKind = (wanted: PrincipalKind) =>
    principals.filter(({ kind }) => kind === wanted).map(({ name, groups }) => ({ name, groups }));
  return { users: ofKind("user"), robots: ofKind("robot"), ...rest };
}

/** Wrong at a place in the file. */
class MisplacedError extends MalformedError {}

/** Says where it is that is wrong, as closely as it is known. */
function at<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MalformedError) || error instanceof MisplacedError) throw error;
    throw new MisplacedError(`${place}: ${error.message}`, { cause: error });
  }
}

function itemsOf(value: unknown, name: List): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new MalformedError(`${name} must be a list`);
}

function parseAccount(item: unknown, place: string): Account {
  const fields = fieldsOf(item, "an account", ["name", "groups"]);
  const groups = fields.get("groups") ?? [];
  const isNone = Array.isArray(groups) && groups.length === 0;
  return {
    name: at(`${place}.name`, () => parseName(parseText(fields.get("name"), "a name"))),
    groups: at(`${place}.groups`, () => (isNone ? [] : parseTexts(groups, "groups").map(parseName))),
  };
}

function parseGrant(item: unknown, place: string): Grant {
  const fields = fieldsOf(item, "a grant", ["subject", "pattern", "actions"]);
  const text = (name: string) => parseText(fields.get(name), `the ${name} of a grant`);
  const given = at(`${place}.actions`, () =>
    parseTexts(fields.get("actions"), "the actions of a grant").map(parseAction),
  );
  return {
    subject: at(`${place}.subject`, () => parseSubject(text("subject"))),
    pattern: at(`${place}.pattern`, () => parsePattern(text("pattern"))),
    actions: ACTIONS.filter((action) => given.includes(action)),
  };
}

/** Users and robots share their names. */
function assertOnce({ users, robots, issuers, oidcRules, awsRules, grants }: AccessFile): void {
  const named = (list: List, names: readonly string[]) =>
    names.map((name, index): [string, string] => [`${list}[${index}]`, name]);
  const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
  assertDifferent([...named("users", names(users)), ...named("robots", names(robots))]);
  assertDifferent(
    named(
      "issuers",
      issuers.map(({ url }) => url),
    ),
  );
  assertDifferent(named("oidcRules", names(oidcRules)));
  assertDifferent(named("awsRules", names(awsRules)));
  assertDifferent(named("grants", grants.map(ruleOf)));
}

function assertDifferent(named: readonly (readonly [string, string])[]): void {
  const places = new Map<string, string>();
  for (const [place, name] of named) {
    const first = places.get(name);
    if (first !== undefined)
      throw new MalformedError(`${place}: ${excerptOf(name)} is there already: ${first}`);
    places.set(name, place);
  }
}

/** A name that is misspelt would go unnoticed otherwise: nobody would get what it is about. */
function assertKnown({ issuers, oidcRules, awsRules, grants }: AccessFile): void {
  const urls = new Set(issuers.map(({ url }) => url));
  oidcRules.forEach(({ issuer }, index) => {
    if (urls.has(issuer)) return;
    throw new MalformedError(`oidcRules[${index}].issuer: ${excerptOf(issuer)} is not among the issuers`);
  });
  grants.forEach(({ subject }, index) => {
    if (isMeetable(subject, { oidcRules, awsRules })) return;
    throw new MalformedError(`grants[${index}].subject: there is no rule for ${subject}`);
  });
}

/** Whether an identity can have this subject: false for that of an OIDC or AWS rule that there is not. */
export function isMeetable(
  subject: Subject,
  { oidcRules, awsRules }: Pick<AccessSnapshot, "oidcRules" | "awsRules">,
): boolean {
  const isThere = (kind: SubjectKind, rules: readonly { readonly name: PrincipalName }[]) =>
    rules.some(({ name }) => subjectOf(kind, name) === subject);
  return !/^(?:oidc|aws):/.test(subject) || isThere("oidc", oidcRules) || isThere("aws", awsRules);
}
