import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import type { Key } from "../../ports/record-store.ts";
import { excerptOf, fieldsOf, parseRuleName, parseText } from "../configuration.ts";
import type { AccountName } from "../grants/grantee.ts";
import { literalFirstSegment, matchesAnyText, parseWildcard, type Wildcard } from "../grants/wildcard.ts";
import { MalformedError } from "../malformed-error.ts";
import { ownerClaimsOf } from "./shared-issuers.ts";

/** A federation rule: tokens of the issuer whose claims match all patterns receive the grants of `oidc:<name>`. */
export type OidcRule = {
  readonly name: AccountName;
  readonly issuer: string;
  /** Patterns by the name of the claim: `*` matches any characters except `/`, and `**` any characters. */
  readonly claims: Readonly<Record<string, string>>;
  /** Explicit consent to a rule that matches tokens of any owner. */
  readonly any?: true;
};

/** Returns the key of a stored OIDC rule. */
export function oidcRuleKey(name: string): Key<OidcRule> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.oidcRule}${name}` };
}

/**
 * Parses an OIDC rule of an access file.
 * @throws MalformedError when the value is malformed, or the rule would match tokens of any owner without `any: true`
 */
export function parseOidcRule(value: unknown): OidcRule {
  const fields = fieldsOf(value, "an OIDC rule", ["name", "issuer", "claims", "any"]);
  const name = parseRuleName(fields.get("name"));
  const issuer = parseText(fields.get("issuer"), `the issuer of rule ${name}`);
  const claims = parseClaims(fields.get("claims") ?? {}, name);
  const any = fields.get("any") ?? false;
  if (typeof any !== "boolean")
    throw new MalformedError(`the field "any" of rule ${name} must be true or false`);
  if (!any) assertNotOpen(name, issuer, claims);
  return {
    ...{ name, issuer },
    claims: Object.fromEntries([...claims].map(([claim, { text }]) => [claim, text])),
    ...(any ? { any } : {}),
  };
}

function parseClaims(value: unknown, rule: string): ReadonlyMap<string, Wildcard> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedError(
      `the claims of rule ${rule} must be an object that maps claim names to patterns`,
    );
  }
  return new Map(Object.entries(value).map(([claim, pattern]) => parseClaim(claim, pattern, rule)));
}

function parseClaim(claim: string, pattern: unknown, rule: string): [string, Wildcard] {
  parseText(claim, `the name of a claim in rule ${rule}`);
  const wildcard = typeof pattern === "string" ? parseWildcard(pattern) : undefined;
  if (wildcard !== undefined && claim !== "__proto__") return [claim, wildcard];
  throw new MalformedError(
    `rule ${rule} has an invalid pattern ${excerptOf(pattern)} for the claim ${excerptOf(claim)}: use a string of 1 to 512 characters with * (any characters except /) and **`,
  );
}

/** Rejects a rule that matches tokens of any owner. */
function assertNotOpen(rule: string, issuer: string, claims: ReadonlyMap<string, Wildcard>): void {
  if ([...claims.values()].every(matchesAnyText)) {
    throw new MalformedError(
      `rule ${rule} matches every token issued by ${excerptOf(issuer)}: add claims, or "any": true if that is intended`,
    );
  }
  const ownerClaims = ownerClaimsOf(issuer);
  if (ownerClaims !== undefined && !ownerClaims.some((claim) => isBoundToOwner(claims.get(claim)))) {
    throw new MalformedError(
      `rule ${rule} matches tokens of any owner, since anyone can obtain tokens issued by ${issuer}: match one of ${ownerClaims.join(", ")} with a pattern that has no * before its first /, or add "any": true if that is intended`,
    );
  }
}

/** Returns whether a pattern matches only one owner: `acme/*` does; `*` and `acme*` do not, as anyone can register such names. */
function isBoundToOwner(pattern: Wildcard | undefined): boolean {
  return pattern !== undefined && literalFirstSegment(pattern) !== undefined;
}
