import { type Authenticator, CredentialsRefusedError } from "../authenticator.ts";
import { excerptOf } from "../configuration.ts";
import { AUTHENTICATED, subjectOf } from "../grants/subject.ts";
import { parseWildcard } from "../grants/wildcard.ts";
import type { Identity } from "../identity.ts";
import { type Claims, claimMatches } from "./claims.ts";
import type { Issuer } from "./issuer.ts";
import { IssuerKeys, type KeysOptions } from "./keys.ts";
import type { OidcRule } from "./rule.ts";
import { claimedIssuer, looksLikeToken, type VerifiedToken, verifyToken } from "./token.ts";

/** What is configured at present. */
interface OidcAccess {
  readonly issuers: readonly Issuer[];
  readonly oidcRules: readonly OidcRule[];
}

export interface OidcOptions extends KeysOptions {
  access(): Promise<OidcAccess>;
  now(): Date;
}

/** An OIDC token as the password, under any user name. */
export class OidcAuthenticator implements Authenticator {
  readonly #options: OidcOptions;
  readonly #keys = new Map<string, IssuerKeys>();

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  async authenticate(_username: string, password: string): Promise<Identity | undefined> {
    if (!looksLikeToken(password)) return undefined;
    const { issuers, oidcRules } = await this.#options.access();
    const claimed = claimedIssuer(password);
    const issuer = issuers.find(({ url }) => url === claimed);
    if (issuer === undefined)
      throw new CredentialsRefusedError(`tokens of ${excerptOf(claimed)} are not accepted`);
    const token = await verifyToken(password, issuer, this.#keysOf(issuer).find, this.#options.now());
    return identityOf(token, issuer, oidcRules);
  }

  #keysOf(issuer: Issuer): IssuerKeys {
    const place = `${issuer.url} ${issuer.jwksUrl ?? ""}`;
    const keys = this.#keys.get(place) ?? new IssuerKeys(issuer, this.#options);
    this.#keys.set(place, keys);
    return keys;
  }
}

function identityOf(
  { subject, expires, claims }: VerifiedToken,
  issuer: Issuer,
  all: readonly OidcRule[],
): Identity {
  const rules = all.filter((rule) => rule.issuer === issuer.url);
  const met = rules.filter((rule) => unmetClaim(rule, claims) === undefined);
  const name = `oidc:${issuer.url} ${subject}`;
  if (met.length === 0) throw new CredentialsRefusedError(`${name} meets no rule${whyNot(rules, claims)}`);
  const subjects = met.map((rule) => subjectOf("oidc", rule.name));
  return { name, subjects: [...subjects, AUTHENTICATED], notAfter: expires };
}

/** The name of the first claim that is not as the rule wants it. */
function unmetClaim(rule: OidcRule, claims: Claims): string | undefined {
  return Object.keys(rule.claims).find((name) => {
    const pattern = parseWildcard(rule.claims[name] ?? "");
    return pattern === undefined || !claimMatches(claims, name, pattern);
  });
}

function whyNot(rules: readonly OidcRule[], claims: Claims): string {
  if (rules.length === 0) return ": there is none for this issuer";
  return rules
    .slice(0, 5)
    .map((rule) => {
      const claim = unmetClaim(rule, claims) ?? "";
      const is = Object.hasOwn(claims, claim) ? `is ${excerptOf(claims[claim])}` : "is missing";
      return `; ${rule.name} wants ${claim} to be ${excerptOf(rule.claims[claim])}, which ${is}`;
    })
    .join("");
}
