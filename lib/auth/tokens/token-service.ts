import { randomUUID } from "node:crypto";
import { isUnexpired } from "../accounts/accounts.ts";
import { identityOf } from "../accounts/passwords.ts";
import { type Authenticator, CredentialsRejectedError } from "../authenticator.ts";
import type { IndexedAccess } from "../cached-access.ts";
import type { OwnGrants } from "../grants/grant-index.ts";
import { AUTHENTICATED_GRANTEE, type Grantee, granteeOf, isGrantee } from "../grants/grantee.ts";
import { grantNameOf } from "../grants/grants.ts";
import type { Scope } from "../grants/scope.ts";
import { allGranteesOf, type Identity, isAnonymous } from "../identity.ts";
import { ACCESS_TOKEN_TYPE, REFRESH_TOKEN_TYPE, type TokenAccess, type Tokens } from "./tokens.ts";

/**
 * The lifetime of a federated identity's session, from authentication to the expiry of all its tokens. It is longer than
 * the few minutes for which the credentials are valid, so that a job can authenticate, build and then push; it is bounded,
 * since this registry cannot revoke the credentials.
 */
const FEDERATED_SESSION_SECONDS = 3600;
const REFRESH_TOKEN_LIFETIME_SECONDS = 90 * 86_400;

/** The parts, the configuration and the clock of a `TokenService`. */
export interface TokenServiceOptions {
  readonly tokens: Tokens;
  readonly authenticator: Authenticator;
  /** The lifetime of the access tokens of users and robots, in seconds. */
  readonly lifetime: number;
  access(): Promise<IndexedAccess>;
  now(): Date;
}

/** A request for a token. */
export interface TokenRequest {
  /** The registry's host, which becomes the issuer and audience of the token. */
  readonly host: string;
  readonly scopes: readonly Scope[];
  /** Whether to issue a refresh token as well. */
  readonly offline: boolean;
}

/** An access token and its contents. */
export interface IssuedToken {
  readonly token: string;
  readonly identity: Identity;
  readonly access: readonly TokenAccess[];
  /** The lifetime in seconds. */
  readonly expiresIn: number;
  readonly issuedAt: Date;
  readonly refreshToken?: string;
}

/** Authenticates identities, and issues tokens for the requested actions that the identity's grants allow. */
export class TokenService {
  readonly #options: TokenServiceOptions;

  constructor(options: TokenServiceOptions) {
    this.#options = options;
  }

  /**
   * Authenticates a username and password. For a federated identity it starts a session, which ends at `notAfter`.
   * @param audience as in `Authenticator.authenticate`
   * @throws CredentialsRejectedError
   */
  async signIn(username: string, password: string, audience: string | undefined): Promise<Identity> {
    const { authenticator, now } = this.#options;
    const identity = await authenticator.authenticate(username, password, audience);
    if (identity === undefined) throw new CredentialsRejectedError("unsupported type of credentials");
    if (!isFederated(identity)) return identity;
    return { ...identity, notAfter: new Date(now().getTime() + FEDERATED_SESSION_SECONDS * 1000) };
  }

  /** Issues an access token and, when requested by an authenticated identity, a refresh token. */
  async issue(identity: Identity, { host, scopes, offline }: TokenRequest): Promise<IssuedToken> {
    const { tokens, now } = this.#options;
    const issuedAt = now();
    const seconds = Math.floor(issuedAt.getTime() / 1000);
    const { grantIndex } = await this.#options.access();
    const access = accessOf(grantIndex.of(identity), scopes);
    const hasCatalogScope = scopes.some(({ type }) => type === "catalog");
    const expiresIn = isFederated(identity)
      ? Math.min(FEDERATED_SESSION_SECONDS, expirySecondsOf(identity) - seconds)
      : this.#options.lifetime;
    const token = await tokens.sign(ACCESS_TOKEN_TYPE, {
      ...{ host, sub: identity.name, exp: seconds + expiresIn, jti: randomUUID(), access },
      ...(hasCatalogScope ? { catalog: allGranteesOf(identity) } : {}),
    });
    const issued = { token, identity, access, expiresIn, issuedAt };
    if (!offline || isAnonymous(identity)) return issued;
    return { ...issued, refreshToken: await this.#signRefreshToken(identity, host, seconds) };
  }

  async #signRefreshToken(identity: Identity, host: string, now: number): Promise<string> {
    const { name, grantees: subjects, secret } = identity;
    const exp = Math.min(now + REFRESH_TOKEN_LIFETIME_SECONDS, expirySecondsOf(identity));
    // `subjects` and `secret` are claim names in refresh tokens that clients have stored.
    const source = secret === undefined ? { subjects } : { secret };
    return await this.#options.tokens.sign(REFRESH_TOKEN_TYPE, {
      ...{ host, sub: name, exp, jti: randomUUID() },
      ...source,
    });
  }

  /**
   * Returns the identity of a refresh token. A user's or robot's token is valid as long as the secret with which it was
   * obtained; a federated identity's token is valid as long as one of the rules that the identity matched still exists. The
   * identity expires with the refresh token, so that no token issued for it outlives the refresh token.
   * @throws TokenRejectedError when the token is invalid or expired
   * @throws CredentialsRejectedError when it was issued by another registry, or its secret or rules have been removed
   */
  async resume(refreshToken: string, host: string): Promise<Identity> {
    const claims = await this.#options.tokens.verify(REFRESH_TOKEN_TYPE, refreshToken);
    const { iss, aud, sub = "", exp = 0, secret, subjects } = claims;
    if (iss !== host || aud !== host)
      throw new CredentialsRejectedError(`${sub}: refresh token from another registry`);
    const end = new Date(exp * 1000);
    if (typeof secret === "string") return limitTo(end, await this.#resumeSecret(sub, secret));
    const matched = Array.isArray(subjects) ? subjects.filter((item) => isGrantee(String(item))) : [];
    return { name: sub, grantees: await this.#existingGrantees(sub, matched), notAfter: end };
  }

  /** Returns the grantees whose rules still exist. @throws CredentialsRejectedError when all rules have been removed */
  async #existingGrantees(name: string, matched: readonly Grantee[]): Promise<readonly Grantee[]> {
    const { oidcRules, awsRules } = await this.#options.access();
    const rules = new Set([
      ...oidcRules.map((rule) => granteeOf("oidc", rule.name)),
      ...awsRules.map((rule) => granteeOf("aws", rule.name)),
    ]);
    const existing = matched.filter((grantee) => rules.has(grantee));
    if (existing.length === 0)
      throw new CredentialsRejectedError(`${name}: the rules that it matched have been removed`);
    return [...existing, AUTHENTICATED_GRANTEE];
  }

  async #resumeSecret(sub: string, id: string): Promise<Identity> {
    const { accounts } = await this.#options.access();
    const account = accounts.find(({ kind, name }) => granteeOf(kind, name) === sub);
    const secret = account?.secrets.find((known) => known.id === id);
    if (account === undefined || secret === undefined || !isUnexpired(secret, this.#options.now())) {
      throw new CredentialsRejectedError(`${sub}: secret ${id} has been revoked or has expired`);
    }
    return identityOf(account, secret);
  }
}

/** Returns whether the identity was authenticated through an OIDC issuer or AWS, not with a secret of this registry. */
function isFederated(identity: Identity): boolean {
  return !isAnonymous(identity) && identity.secret === undefined;
}

/** Returns the identity with its expiry no later than `end`. */
function limitTo(end: Date, identity: Identity): Identity {
  const { notAfter = end } = identity;
  return { ...identity, notAfter: notAfter < end ? notAfter : end };
}

/** Returns the expiry of the identity in epoch seconds; infinity when it does not expire. */
function expirySecondsOf({ notAfter }: Identity): number {
  return notAfter === undefined ? Number.POSITIVE_INFINITY : Math.floor(notAfter.getTime() / 1000);
}

/** Returns the `access` claim for the scopes: for each repository the allowed and the denied actions, and the deciding grants. */
function accessOf(ownGrants: OwnGrants, scopes: readonly Scope[]): readonly TokenAccess[] {
  return scopes.flatMap((scope) => {
    if (scope.type === "catalog") return [];
    const { type, name } = scope;
    const decisions = scope.actions.map((action) => ({ action, grant: ownGrants.find(action, name) }));
    const allowed = decisions.flatMap(({ action, grant }) =>
      grant === undefined ? [] : [{ action, grant }],
    );
    const refused = decisions.filter(({ grant }) => grant === undefined).map(({ action }) => action);
    const grants = [...new Set(allowed.map(({ grant }) => grantNameOf(grant)))];
    return [
      {
        ...{ type, name, actions: allowed.map(({ action }) => action) },
        ...(refused.length === 0 ? {} : { refused }),
        ...(grants.length === 0 ? {} : { rules: grants }),
      },
    ];
  });
}
