import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import type { Key } from "../../ports/record-store.ts";
import { excerptOf, fieldsOf, parseRuleName, parseText } from "../configuration.ts";
import type { PrincipalName } from "../grants/subject.ts";
import { literalBeginning, matchesAnything, parseWildcard, type Wildcard } from "../grants/wildcard.ts";
import { MalformedError } from "../malformed-error.ts";
import { ownerClaimsOf } from "./presets.ts";

/** Whose tokens get the grants of `oidc:<name>`: those of the issuer with all of these claims. */
export type OidcRule = {
  readonly name: PrincipalName;
  readonly issuer: string;
  /** By the claim's name, a text in which `*` stands for characters but `/`, and `**` for any. */
  readonly claims: Readonly<Record<string, string>>;
  /** That the claims let strangers in is meant. */
  readonly any?: true;
};

export function oidcRuleKey(name: string): Key<OidcRule> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.oidcRule}${name}` };
}

/** @throws MalformedError, also when the rule would let strangers in and does not say that this is meant */
export function parseOidcRule(value: unknown): OidcRule {
  const fields = fieldsOf(value, "an OIDC rule", ["name", "issuer", "claims", "any"]);
  const name = parseRuleName(fields.get("name"));
  const issuer = parseText(fields.get("issuer"), `the issuer of rule ${name}`);
  const claims = parseClaims(fields.get("claims") ?? {}, name);
  const any = fields.get("any") ?? false;
  if (typeof any !== "boolean") throw new MalformedError(`any of rule ${name} must be true or false`);
  if (!any) assertNotOpen(name, issuer, claims);
  return {
    ...{ name, issuer },
    claims: Object.fromEntries([...claims].map(([claim, { text }]) => [claim, text])),
    ...(any ? { any } : {}),
  };
}

function parseClaims(value: unknown, rule: string): ReadonlyMap<string, Wildcard> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedError(`the claims of rule ${rule} must be an object of names and patterns`);
  }
  return new Map(Object.entries(value).map(([claim, pattern]) => parseClaim(claim, pattern, rule)));
}

function parseClaim(claim: string, pattern: unknown, rule: string): [string, Wildcard] {
  parseText(claim, `the name of a claim of rule ${rule}`);
  const wildcard = typeof pattern === "string" ? parseWildcard(pattern) : undefined;
  if (wildcard !== undefined && claim !== "__proto__") return [claim, wildcard];
  throw new MalformedError(
    `rule ${rule} cannot compare the claim ${excerptOf(claim)} with ${excerptOf(pattern)}: a pattern is a text of 1 to 512 characters with * (within /) and **`,
  );
}

function assertNotOpen(rule: string, issuer: string, claims: ReadonlyMap<string, Wildcard>): void {
  if ([...claims.values()].every(matchesAnything)) {
    throw new MalformedError(
      `rule ${rule} is met by every token of ${excerptOf(issuer)}: name claims, or say "any": true if that is meant`,
    );
  }
  const owners = ownerClaimsOf(issuer);
  if (owners !== undefined && !owners.some((owner) => namesOwner(claims.get(owner)))) {
    throw new MalformedError(
      `rule ${rule} is met by strangers, since anybody has tokens of ${issuer}: compare one of ${owners.join(", ")} with a pattern that has no * before its first /, or say "any": true if that is meant`,
    );
  }
}

/** `acme/*` does; `*` and `acme*` followed by anything do not, since strangers choose such names. */
function namesOwner(pattern: Wildcard | undefined): boolean {
  return pattern !== undefined && literalBeginning(pattern) !== undefined;
}
