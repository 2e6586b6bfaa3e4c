import { type Authenticator, CredentialsRejectedError } from "../authenticator.ts";
import { excerptOf } from "../configuration.ts";
import { AUTHENTICATED_GRANTEE, granteeOf } from "../grants/grantee.ts";
import { parseWildcard } from "../grants/wildcard.ts";
import type { Identity } from "../identity.ts";
import { type Claims, claimMatches } from "./claims.ts";
import type { Issuer } from "./issuer.ts";
import { IssuerKeys, type KeysOptions } from "./keys.ts";
import type { OidcRule } from "./rule.ts";
import { claimedIssuer, looksLikeJwt, type VerifiedToken, verifyToken } from "./token.ts";

/** The part of the access configuration that OIDC tokens are verified and matched against. */
interface OidcAccess {
  readonly issuers: readonly Issuer[];
  readonly oidcRules: readonly OidcRule[];
}

/** The configuration, the clocks and the limits of an `OidcAuthenticator`. */
export interface OidcOptions extends KeysOptions {
  access(): Promise<OidcAccess>;
  now(): Date;
}

/** Authenticates federated identities that send an OIDC token as the password, with any username. */
export class OidcAuthenticator implements Authenticator {
  readonly #options: OidcOptions;
  readonly #keys = new Map<string, IssuerKeys>();

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  async authenticate(_username: string, password: string): Promise<Identity | undefined> {
    if (!looksLikeJwt(password)) return undefined;
    const { issuers, oidcRules } = await this.#options.access();
    const claimed = claimedIssuer(password);
    const issuer = issuers.find(({ url }) => url === claimed);
    if (issuer === undefined)
      throw new CredentialsRejectedError(
        `tokens issued by ${excerptOf(claimed)} are not accepted: that issuer is not configured`,
      );
    const token = await verifyToken(password, issuer, this.#keysOf(issuer).find, this.#options.now());
    return identityOf(token, issuer, oidcRules);
  }

  #keysOf(issuer: Issuer): IssuerKeys {
    const source = `${issuer.url} ${issuer.jwksUrl ?? ""}`;
    const keys = this.#keys.get(source) ?? new IssuerKeys(issuer, this.#options);
    this.#keys.set(source, keys);
    return keys;
  }
}

function identityOf(
  { subject, expiresAt, claims }: VerifiedToken,
  issuer: Issuer,
  allRules: readonly OidcRule[],
): Identity {
  const rules = allRules.filter((rule) => rule.issuer === issuer.url);
  const matching = rules.filter((rule) => findMismatchedClaim(rule, claims) === undefined);
  const name = `oidc:${issuer.url} ${subject}`;
  if (matching.length === 0)
    throw new CredentialsRejectedError(`${name} matches no rule${describeMismatches(rules, claims)}`);
  const grantees = matching.map((rule) => granteeOf("oidc", rule.name));
  return { name, grantees: [...grantees, AUTHENTICATED_GRANTEE], notAfter: expiresAt };
}

/** Returns the name of the first claim that does not match the rule. */
function findMismatchedClaim(rule: OidcRule, claims: Claims): string | undefined {
  return Object.keys(rule.claims).find((name) => {
    const pattern = parseWildcard(rule.claims[name] ?? "");
    return pattern === undefined || !claimMatches(claims, name, pattern);
  });
}

function describeMismatches(rules: readonly OidcRule[], claims: Claims): string {
  if (rules.length === 0) return ": the issuer has no rule";
  return rules
    .slice(0, 5)
    .map((rule) => {
      const claim = findMismatchedClaim(rule, claims) ?? "";
      const actual = Object.hasOwn(claims, claim) ? `is ${excerptOf(claims[claim])}` : "is missing";
      return `; ${rule.name} requires ${claim} to match ${excerptOf(rule.claims[claim])}, but the claim ${actual}`;
    })
    .join("");
}
