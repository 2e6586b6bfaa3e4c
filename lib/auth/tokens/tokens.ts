import type { JWTPayload } from "jose";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { SignJWT } from "jose/jwt/sign";
import { jwtVerify } from "jose/jwt/verify";
import { BoundedMap } from "../../concurrency/bounded-map.ts";
import { isRepositoryName, type RepositoryName } from "../../oci/repository-name.ts";
import { type Grantee, isGrantee } from "../grants/grantee.ts";
import { WIRE_ACTIONS, type WireAction } from "../grants/scope.ts";
import type { TokenKeys } from "./token-keys.ts";

/** An entry of the `access` claim: the actions on one repository. The field names are those in issued tokens. */
export interface TokenAccess {
  readonly type: "repository";
  readonly name: RepositoryName;
  readonly actions: readonly WireAction[];
  /** The requested actions that no grant allows: the client gets 403 for them instead of a challenge for another token. */
  readonly refused?: readonly WireAction[];
  /** The grants that allow the actions, for the audit log. */
  readonly rules?: readonly string[];
}

/** The claims of a verified access token. */
export interface AccessClaims {
  /** The registry's host: both the issuer and the audience. */
  readonly host: string;
  /** The identity's name. */
  readonly sub: string;
  /** Epoch seconds. */
  readonly exp: number;
  readonly access: readonly TokenAccess[];
  /** The grantees whose repositories the catalog lists; present when the token was requested for the catalog. */
  readonly catalog?: readonly Grantee[];
}

/** An invalid or expired token. The message is the reason, for logs only. */
export class TokenRejectedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TokenRejectedError";
  }
}

/**
 * The `typ` of access tokens, so that no other token is accepted as an access token.
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2.1
 */
export const ACCESS_TOKEN_TYPE = "at+jwt";
/** The `typ` of refresh tokens. */
export const REFRESH_TOKEN_TYPE = "rt+jwt";

/** Seconds for which requests to an upload session accept an expired token. */
export const TOKEN_GRACE_SECONDS = 3600;

const ALGORITHM = "EdDSA";
const MAX_TOKEN_LENGTH = 64 * 1024;
const MAX_CACHED_TOKENS = 2000;

/** The claims to sign. */
export interface ClaimsToSign extends JWTPayload {
  readonly host: string;
  readonly exp: number;
}

/** Signs and verifies the registry's tokens. */
export class Tokens {
  readonly #keys: TokenKeys;
  readonly #now: () => Date;
  readonly #verifiedClaims = new BoundedMap<AccessClaims>(MAX_CACHED_TOKENS);

  constructor(keys: TokenKeys, now: () => Date) {
    this.#keys = keys;
    this.#now = now;
  }

  /** Signs a token of a type, with the host as its issuer and audience. */
  async sign(typ: string, { host, exp, ...claims }: ClaimsToSign): Promise<string> {
    const { kid, key } = await this.#keys.getSigningKey();
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ, kid })
      .setIssuer(host)
      .setAudience(host)
      .setIssuedAt(Math.floor(this.#now().getTime() / 1000))
      .setExpirationTime(exp)
      .sign(key);
  }

  /**
   * Verifies an access token for the host. The claims of recent tokens are cached.
   * @param grace seconds for which an expired token is accepted
   * @throws TokenRejectedError
   */
  async verifyAccess(token: string, host: string, grace = 0): Promise<AccessClaims> {
    const claims = this.#verifiedClaims.get(token) ?? (await this.#verifyNew(token));
    if (claims.host !== host) throw new TokenRejectedError(`the token is for ${claims.host.slice(0, 255)}`);
    if (claims.exp + grace <= this.#now().getTime() / 1000)
      throw new TokenRejectedError("the token has expired");
    return claims;
  }

  async #verifyNew(token: string): Promise<AccessClaims> {
    const claims = toClaims(await this.verify(ACCESS_TOKEN_TYPE, token, TOKEN_GRACE_SECONDS));
    this.#verifiedClaims.set(token, claims);
    return claims;
  }

  /**
   * Verifies the type, signature and lifetime of a token.
   * @param grace seconds for which an expired token is accepted
   * @throws TokenRejectedError
   */
  async verify(typ: string, token: string, grace = 0): Promise<JWTPayload> {
    const key = await this.#keys.findVerificationKey(kidOf(token));
    if (key === undefined) throw new TokenRejectedError("the token's key is unknown");
    try {
      const options = { typ, algorithms: [ALGORITHM], clockTolerance: grace, currentDate: this.#now() };
      return (await jwtVerify(token, key, { ...options, requiredClaims: ["iss", "aud", "sub", "exp"] }))
        .payload;
    } catch (error) {
      throw new TokenRejectedError("token verification failed", { cause: error });
    }
  }
}

function kidOf(token: string): string {
  if (token.length > MAX_TOKEN_LENGTH) throw new TokenRejectedError("the token is too long");
  try {
    return decodeProtectedHeader(token).kid ?? "";
  } catch (error) {
    throw new TokenRejectedError("the token is malformed", { cause: error });
  }
}

/** Parses the claims. The registry signed them, but an older version may have used a different form. */
function toClaims({ iss, aud, sub, exp, access, catalog }: JWTPayload): AccessClaims {
  if (iss === undefined || iss !== aud || sub === undefined || exp === undefined || !Array.isArray(access)) {
    throw new TokenRejectedError("the token lacks required claims");
  }
  const grantees = Array.isArray(catalog) ? catalog.filter((item) => isGrantee(String(item))) : undefined;
  return {
    ...{ host: iss, sub, exp },
    access: access.flatMap((item: unknown) => (isTokenAccess(item) ? [item] : [])),
    ...(grantees === undefined ? {} : { catalog: grantees }),
  };
}

function isTokenAccess(item: unknown): item is TokenAccess {
  if (typeof item !== "object" || item === null) return false;
  const { type, name, actions } = item as Partial<Record<keyof TokenAccess, unknown>>;
  return (
    type === "repository" &&
    typeof name === "string" &&
    isRepositoryName(name) &&
    Array.isArray(actions) &&
    actions.every((action) => WIRE_ACTIONS.includes(action))
  );
}
