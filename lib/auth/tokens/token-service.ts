import { randomUUID } from "node:crypto";
import { identityOf } from "../accounts/passwords.ts";
import { isGood } from "../accounts/principals.ts";
import { type Authenticator, CredentialsRefusedError } from "../authenticator.ts";
import { findGrant, type Grant, grantsOf, ruleOf } from "../grants/grants.ts";
import type { Scope } from "../grants/scope.ts";
import { AUTHENTICATED, isSubject, type Subject, subjectOf } from "../grants/subject.ts";
import { allSubjects, type Identity, isAnonymous } from "../identity.ts";
import type { AccessSnapshot } from "../snapshot.ts";
import { ACCESS_TOKEN, REFRESH_TOKEN, type TokenAccess, type Tokens } from "./tokens.ts";

/**
 * Seconds from signing in, for identities of others: all of their tokens end then, whenever they are made. A job that
 * signs in, builds and then pushes must not fail, though what it has signed in with is good for minutes; and nobody can
 * revoke that here.
 */
const FOREIGN_SESSION = 3600;
const REFRESH_LIFETIME = 90 * 86_400;

export interface TokenServiceOptions {
  readonly tokens: Tokens;
  readonly authenticator: Authenticator;
  /** Of the access tokens of users and robots, in seconds. */
  readonly lifetime: number;
  access(): Promise<AccessSnapshot>;
  now(): Date;
}

export interface TokenRequest {
  /** The registry's host, which the token will be for. */
  readonly host: string;
  readonly scopes: readonly Scope[];
  /** Whether a refresh token is wanted as well. */
  readonly offline: boolean;
}

export interface IssuedToken {
  readonly token: string;
  readonly identity: Identity;
  readonly access: readonly TokenAccess[];
  /** Seconds. */
  readonly expiresIn: number;
  readonly issuedAt: Date;
  readonly refreshToken?: string;
}

/** Gives tokens for as much of what was asked for as the identity has been granted. */
export class TokenService {
  readonly #options: TokenServiceOptions;

  constructor(options: TokenServiceOptions) {
    this.#options = options;
  }

  /**
   * Of an identity of others, `notAfter` is then the end of its session.
   * @param audience as in `Authenticator.authenticate`
   * @throws CredentialsRefusedError
   */
  async signIn(username: string, password: string, audience: string | undefined): Promise<Identity> {
    const { authenticator, now } = this.#options;
    const identity = await authenticator.authenticate(username, password, audience);
    if (identity === undefined) throw new CredentialsRefusedError("credentials of no known kind");
    if (!isForeign(identity)) return identity;
    return { ...identity, notAfter: new Date(now().getTime() + FOREIGN_SESSION * 1000) };
  }

  async issue(identity: Identity, { host, scopes, offline }: TokenRequest): Promise<IssuedToken> {
    const { tokens, now } = this.#options;
    const issuedAt = now();
    const seconds = Math.floor(issuedAt.getTime() / 1000);
    const { grants } = await this.#options.access();
    const access = accessOf(grantsOf(grants, identity), scopes);
    const isCatalogAsked = scopes.some(({ type }) => type === "catalog");
    const expiresIn = isForeign(identity)
      ? Math.min(FOREIGN_SESSION, endOf(identity) - seconds)
      : this.#options.lifetime;
    const token = await tokens.sign(ACCESS_TOKEN, {
      ...{ host, sub: identity.name, exp: seconds + expiresIn, jti: randomUUID(), access },
      ...(isCatalogAsked ? { catalog: allSubjects(identity) } : {}),
    });
    const issued = { token, identity, access, expiresIn, issuedAt };
    if (!offline || isAnonymous(identity)) return issued;
    return { ...issued, refreshToken: await this.#refreshToken(identity, host, seconds) };
  }

  async #refreshToken(identity: Identity, host: string, now: number): Promise<string> {
    const { name, subjects, secret } = identity;
    const exp = Math.min(now + REFRESH_LIFETIME, endOf(identity));
    const whose = secret === undefined ? { subjects } : { secret };
    return await this.#options.tokens.sign(REFRESH_TOKEN, {
      ...{ host, sub: name, exp, jti: randomUUID() },
      ...whose,
    });
  }

  /**
   * Whose refresh token it is. A user's or robot's is as good as the secret that it was made with, any other as the rules
   * that were met. Its end is that of the identity, so that no token makes another that is good for longer.
   * @throws TokenRefusedError, CredentialsRefusedError
   */
  async resume(refreshToken: string, host: string): Promise<Identity> {
    const claims = await this.#options.tokens.verify(REFRESH_TOKEN, refreshToken);
    const { iss, aud, sub = "", exp = 0, secret, subjects } = claims;
    if (iss !== host || aud !== host)
      throw new CredentialsRefusedError(`${sub}: a token of another registry`);
    const end = new Date(exp * 1000);
    if (typeof secret === "string") return until(end, await this.#resumeSecret(sub, secret));
    const met = Array.isArray(subjects) ? subjects.filter((item) => isSubject(String(item))) : [];
    return { name: sub, subjects: await this.#stillMet(sub, met), notAfter: end };
  }

  async #stillMet(name: string, subjects: readonly Subject[]): Promise<readonly Subject[]> {
    const { oidcRules, awsRules } = await this.#options.access();
    const rules = new Set([
      ...oidcRules.map((rule) => subjectOf("oidc", rule.name)),
      ...awsRules.map((rule) => subjectOf("aws", rule.name)),
    ]);
    const met = subjects.filter((subject) => rules.has(subject));
    if (met.length === 0)
      throw new CredentialsRefusedError(`${name}: the rules that it met have been removed`);
    return [...met, AUTHENTICATED];
  }

  async #resumeSecret(subject: string, id: string): Promise<Identity> {
    const { principals } = await this.#options.access();
    const principal = principals.find(({ kind, name }) => `${kind}:${name}` === subject);
    const secret = principal?.secrets.find((known) => known.id === id);
    if (principal === undefined || secret === undefined || !isGood(secret, this.#options.now())) {
      throw new CredentialsRefusedError(`${subject}: secret ${id} has been revoked`);
    }
    return identityOf(principal, secret);
  }
}

/** Somebody else vouches for it. */
function isForeign(identity: Identity): boolean {
  return !isAnonymous(identity) && identity.secret === undefined;
}

function until(end: Date, identity: Identity): Identity {
  const { notAfter = end } = identity;
  return { ...identity, notAfter: notAfter < end ? notAfter : end };
}

/** Epoch seconds. */
function endOf({ notAfter }: Identity): number {
  return notAfter === undefined ? Number.POSITIVE_INFINITY : Math.floor(notAfter.getTime() / 1000);
}

function accessOf(own: readonly Grant[], scopes: readonly Scope[]): readonly TokenAccess[] {
  return scopes.flatMap((scope) => {
    if (scope.type === "catalog") return [];
    const { type, name } = scope;
    const found = scope.actions.map((action) => ({ action, grant: findGrant(own, action, name) }));
    const given = found.flatMap(({ action, grant }) => (grant === undefined ? [] : [{ action, grant }]));
    const refused = found.filter(({ grant }) => grant === undefined).map(({ action }) => action);
    const rules = [...new Set(given.map(({ grant }) => ruleOf(grant)))];
    return [
      {
        ...{ type, name, actions: given.map(({ action }) => action) },
        ...(refused.length === 0 ? {} : { refused }),
        ...(rules.length === 0 ? {} : { rules }),
      },
    ];
  });
}
