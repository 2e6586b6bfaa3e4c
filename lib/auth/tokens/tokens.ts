import { decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { BoundedMap } from "../../concurrency/bounded-map.ts";
import { isRepositoryName, type RepositoryName } from "../../oci/repository-name.ts";
import { WIRE_ACTIONS, type WireAction } from "../grants/scope.ts";
import { isSubject, type Subject } from "../grants/subject.ts";
import type { TokenKeys } from "./token-keys.ts";

/** What a token says of one repository. */
export interface TokenAccess {
  readonly type: "repository";
  readonly name: RepositoryName;
  readonly actions: readonly WireAction[];
  /** What was asked for and not given, so that nobody is sent to ask again. */
  readonly refused?: readonly WireAction[];
  /** The grants that gave it, for the audit. */
  readonly rules?: readonly string[];
}

export interface AccessClaims {
  /** The registry's host, which has made it and takes it. */
  readonly host: string;
  /** The identity's name. */
  readonly sub: string;
  /** Epoch seconds. */
  readonly exp: number;
  readonly access: readonly TokenAccess[];
  /** Whose lists it opens, when that was asked for. */
  readonly catalog?: readonly Subject[];
}

/** The message is for logs. */
export class TokenRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TokenRefusedError";
  }
}

/** RFC 9068, section 2.1: no other token of ours can stand in for one. */
export const ACCESS_TOKEN = "at+jwt";
export const REFRESH_TOKEN = "rt+jwt";

/** Seconds for which a running upload takes a token that is over. */
export const GRACE = 3600;

const ALGORITHM = "EdDSA";
const MAX_LENGTH = 64 * 1024;
const REMEMBERED = 2000;

export interface Signed extends JWTPayload {
  readonly host: string;
  readonly exp: number;
}

/** Signs tokens, and finds out what a token says. */
export class Tokens {
  readonly #keys: TokenKeys;
  readonly #now: () => Date;
  readonly #verified = new BoundedMap<AccessClaims>(REMEMBERED);

  constructor(keys: TokenKeys, now: () => Date) {
    this.#keys = keys;
    this.#now = now;
  }

  async sign(typ: string, { host, exp, ...claims }: Signed): Promise<string> {
    const { kid, key } = await this.#keys.signing();
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ, kid })
      .setIssuer(host)
      .setAudience(host)
      .setIssuedAt(Math.floor(this.#now().getTime() / 1000))
      .setExpirationTime(exp)
      .sign(key);
  }

  /**
   * What an access token says. One that was seen before costs no more than looking it up.
   * @param grace seconds for which it is taken after its end
   * @throws TokenRefusedError
   */
  async verifyAccess(token: string, host: string, grace = 0): Promise<AccessClaims> {
    const claims = this.#verified.get(token) ?? (await this.#verifyNew(token));
    if (claims.host !== host) throw new TokenRefusedError(`the token is for ${claims.host.slice(0, 255)}`);
    if (claims.exp + grace <= this.#now().getTime() / 1000) throw new TokenRefusedError("the token is over");
    return claims;
  }

  async #verifyNew(token: string): Promise<AccessClaims> {
    const claims = toClaims(await this.verify(ACCESS_TOKEN, token, GRACE));
    this.#verified.set(token, claims);
    return claims;
  }

  /** @throws TokenRefusedError */
  async verify(typ: string, token: string, grace = 0): Promise<JWTPayload> {
    const key = await this.#keys.verifying(kidOf(token));
    if (key === undefined) throw new TokenRefusedError("the token's key is unknown");
    try {
      const options = { typ, algorithms: [ALGORITHM], clockTolerance: grace, currentDate: this.#now() };
      return (await jwtVerify(token, key, { ...options, requiredClaims: ["iss", "aud", "sub", "exp"] }))
        .payload;
    } catch (error) {
      throw new TokenRefusedError("the token is not good", { cause: error });
    }
  }
}

function kidOf(token: string): string {
  if (token.length > MAX_LENGTH) throw new TokenRefusedError("the token is too long");
  try {
    return decodeProtectedHeader(token).kid ?? "";
  } catch (error) {
    throw new TokenRefusedError("not a token", { cause: error });
  }
}

/** What it holds was written by this registry; whether an older version wrote it the same is seen here. */
function toClaims({ iss, aud, sub, exp, access, catalog }: JWTPayload): AccessClaims {
  if (iss === undefined || iss !== aud || sub === undefined || exp === undefined || !Array.isArray(access)) {
    throw new TokenRefusedError("the token lacks claims");
  }
  const subjects = Array.isArray(catalog) ? catalog.filter((item) => isSubject(String(item))) : undefined;
  return {
    ...{ host: iss, sub, exp },
    access: access.flatMap((item: unknown) => (isTokenAccess(item) ? [item] : [])),
    ...(subjects === undefined ? {} : { catalog: subjects }),
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
