import type { Account, AccountKind } from "../accounts/accounts.ts";
import { parseAwsRule } from "../aws/rule.ts";
import { excerptOf, fieldsOf, parseText, parseTexts } from "../configuration.ts";
import { ACTIONS, parseAction } from "../grants/actions.ts";
import {
  type AccountName,
  type Grantee,
  type GranteeKind,
  granteeOf,
  parseGrantee,
  parseName,
} from "../grants/grantee.ts";
import { type Grant, grantNameOf } from "../grants/grants.ts";
import { parsePattern } from "../grants/pattern.ts";
import { MalformedError } from "../malformed-error.ts";
import { parseIssuer } from "../oidc/issuer.ts";
import { parseOidcRule } from "../oidc/rule.ts";
import type { AccessSnapshot } from "../snapshot.ts";

/** A user or robot as an access file declares it. Secrets do not belong in files. */
export type AccessFileAccount = Pick<Account, "name" | "groups">;

/** The complete access configuration in the form of one file. A missing list is an empty one. */
export interface AccessFile extends Pick<AccessSnapshot, "issuers" | "oidcRules" | "awsRules" | "grants"> {
  readonly users: readonly AccessFileAccount[];
  readonly robots: readonly AccessFileAccount[];
}

const LISTS = ["users", "robots", "issuers", "oidcRules", "awsRules", "grants"] as const;

type List = (typeof LISTS)[number];

/** Issuers and rules that an access file can refer to. */
export type DeclaredRules = Pick<AccessSnapshot, "issuers" | "oidcRules" | "awsRules">;

const NO_RULES: DeclaredRules = { issuers: [], oidcRules: [], awsRules: [] };

/**
 * Parses an access file. An inconsistent file is rejected as well: duplicate entries, and names of rules and issuers
 * that the file does not declare.
 * @param declared issuers and rules that the file may refer to besides its own
 * @throws MalformedError whose message begins with the location of the error: `grants[3].pattern: ...`
 */
export function parseAccessFile(value: unknown, declared = NO_RULES): AccessFile {
  const fields = fieldsOf(value, "an access file", ["$schema", ...LISTS]);
  const list = <T>(name: List, parse: (item: unknown, location: string) => T): readonly T[] =>
    itemsOf(fields.get(name), name).map((item, index) => {
      const location = `${name}[${index}]`;
      return atLocation(location, () => parse(item, location));
    });
  const file = {
    users: list("users", parseAccount),
    robots: list("robots", parseAccount),
    issuers: list("issuers", parseIssuer),
    oidcRules: list("oidcRules", parseOidcRule),
    awsRules: list("awsRules", parseAwsRule),
    grants: list("grants", parseGrant),
  };
  assertNoDuplicates(file);
  assertDeclared(file, {
    issuers: [...declared.issuers, ...file.issuers],
    oidcRules: [...declared.oidcRules, ...file.oidcRules],
    awsRules: [...declared.awsRules, ...file.awsRules],
  });
  return file;
}

/** Converts the stored configuration to the access file that declares it. */
export function toAccessFile({ accounts, ...rest }: AccessSnapshot): AccessFile {
  const ofKind = (selected: AccountKind) =>
    accounts.filter(({ kind }) => kind === selected).map(({ name, groups }) => ({ name, groups }));
  return { users: ofKind("user"), robots: ofKind("robot"), ...rest };
}

/** A malformed entry whose message already names its location in the file. */
class LocatedError extends MalformedError {}

/** Runs a parser and prefixes its MalformedError with the location, unless an inner location is there already. */
function atLocation<T>(location: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof MalformedError) || error instanceof LocatedError) throw error;
    throw new LocatedError(`${location}: ${error.message}`, { cause: error });
  }
}

function itemsOf(value: unknown, name: List): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new MalformedError(`${name} must be a list`);
}

function parseAccount(item: unknown, location: string): AccessFileAccount {
  const fields = fieldsOf(item, "an account", ["name", "groups"]);
  const groups = fields.get("groups") ?? [];
  const isNone = Array.isArray(groups) && groups.length === 0;
  return {
    name: atLocation(`${location}.name`, () => parseName(parseText(fields.get("name"), "a name"))),
    groups: atLocation(`${location}.groups`, () =>
      isNone ? [] : parseTexts(groups, "groups").map(parseName),
    ),
  };
}

function parseGrant(item: unknown, location: string): Grant {
  const fields = fieldsOf(item, "a grant", ["subject", "pattern", "actions"]);
  const text = (name: string) => parseText(fields.get(name), `the ${name} of a grant`);
  const actions = atLocation(`${location}.actions`, () =>
    parseTexts(fields.get("actions"), "the actions of a grant").map(parseAction),
  );
  return {
    subject: atLocation(`${location}.subject`, () => parseGrantee(text("subject"))),
    pattern: atLocation(`${location}.pattern`, () => parsePattern(text("pattern"))),
    actions: ACTIONS.filter((action) => actions.includes(action)),
  };
}

/** Rejects duplicate entries. Users and robots share one namespace. */
function assertNoDuplicates({ users, robots, issuers, oidcRules, awsRules, grants }: AccessFile): void {
  const named = (list: List, names: readonly string[]) =>
    names.map((name, index): [string, string] => [`${list}[${index}]`, name]);
  const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
  assertUniqueNames([...named("users", names(users)), ...named("robots", names(robots))]);
  assertUniqueNames(
    named(
      "issuers",
      issuers.map(({ url }) => url),
    ),
  );
  assertUniqueNames(named("oidcRules", names(oidcRules)));
  assertUniqueNames(named("awsRules", names(awsRules)));
  assertUniqueNames(named("grants", grants.map(grantNameOf)));
}

function assertUniqueNames(named: readonly (readonly [string, string])[]): void {
  const locations = new Map<string, string>();
  for (const [location, name] of named) {
    const first = locations.get(name);
    if (first !== undefined)
      throw new MalformedError(`${location}: ${excerptOf(name)} is a duplicate of ${first}`);
    locations.set(name, location);
  }
}

/** Rejects names of issuers and rules that the file does not declare: a misspelt one would silently grant nothing. */
function assertDeclared({ oidcRules, grants }: AccessFile, { issuers, ...rules }: DeclaredRules): void {
  const urls = new Set(issuers.map(({ url }) => url));
  oidcRules.forEach(({ issuer }, index) => {
    if (urls.has(issuer)) return;
    throw new MalformedError(`oidcRules[${index}].issuer: ${excerptOf(issuer)} is not a declared issuer`);
  });
  grants.forEach(({ subject }, index) => {
    if (hasRequiredRule(subject, rules)) return;
    throw new MalformedError(`grants[${index}].subject: there is no rule for ${subject}`);
  });
}

/** Returns false for a grantee that names an OIDC or AWS rule which does not exist, otherwise true. */
export function hasRequiredRule(
  subject: Grantee,
  { oidcRules, awsRules }: Pick<AccessSnapshot, "oidcRules" | "awsRules">,
): boolean {
  const hasRuleOf = (kind: GranteeKind, rules: readonly { readonly name: AccountName }[]) =>
    rules.some(({ name }) => granteeOf(kind, name) === subject);
  return !/^(?:oidc|aws):/.test(subject) || hasRuleOf("oidc", oidcRules) || hasRuleOf("aws", awsRules);
}
