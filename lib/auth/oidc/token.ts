import { decodeJwt, decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { CredentialsRejectedError } from "../authenticator.ts";
import { toSingleLine } from "../configuration.ts";
import type { Claims } from "./claims.ts";
import type { Issuer } from "./issuer.ts";

/** Asymmetric signature algorithms only: neither HMAC with a shared secret nor `none`. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

const MAX_TOKEN_LENGTH = 16 * 1024;
/** Maximum clock skew of the issuer in seconds, in both directions. */
const CLOCK_TOLERANCE_SECONDS = 60;
/** The longest accepted lifetime. CI systems issue tokens with shorter lifetimes; a long-lived token is more likely to leak. */
const MAX_LIFETIME_SECONDS = 24 * 60 * 60;

/** A verified OIDC token. */
export interface VerifiedToken {
  /** The `sub` claim. */
  readonly subject: string;
  readonly expiresAt: Date;
  readonly claims: Claims;
}

/** Returns whether the password looks like a signed JWT: three base64url parts, the first of which contains an `alg`. */
export function looksLikeJwt(password: string): boolean {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(password)) return false;
  if (password.length > MAX_TOKEN_LENGTH) return true;
  try {
    return "alg" in decodeProtectedHeader(password);
  } catch {
    return false;
  }
}

/**
 * Returns the `iss` claim of an unverified token. It may only be used to select the issuer whose keys verify the token.
 * @throws CredentialsRejectedError when the token is too long or malformed
 */
export function claimedIssuer(token: string): string {
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new CredentialsRejectedError(`the token is longer than ${MAX_TOKEN_LENGTH} characters`);
  }
  const { iss } = decodeToken(() => decodeJwt(token));
  if (typeof iss !== "string") throw new CredentialsRejectedError("the token has no `iss` claim");
  return iss;
}

/**
 * Verifies a token's signature, audience and lifetime. The header parameters `jwk`, `jku`, `x5u` and `x5c`, with which a
 * token names its own key, are ignored.
 * @throws CredentialsRejectedError when the token is invalid or expired
 */
export async function verifyToken(
  token: string,
  issuer: Issuer,
  keys: JWTVerifyGetKey,
  now: Date,
): Promise<VerifiedToken> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...{ algorithms: ALGORITHMS, issuer: issuer.url, audience: [...issuer.audiences] },
      ...{ clockTolerance: CLOCK_TOLERANCE_SECONDS, currentDate: now, requiredClaims: ["sub", "exp", "iat"] },
    });
    const { sub, exp, iat } = payload;
    const expiresAt = expiryOf(exp, iat, now);
    return { subject: parseSubjectClaim(sub), expiresAt, claims: payload };
  } catch (error) {
    throw toCredentialsError(error);
  }
}

/** Checks the `sub` claim, which becomes part of names and logs: RFC 7519 does not limit its length or characters. */
function parseSubjectClaim(sub: unknown): string {
  if (typeof sub === "string" && sub !== "" && sub.length <= 512 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(sub))
    return sub;
  throw new CredentialsRejectedError(`the token's sub is not a string of 1 to 512 printable characters`);
}

/** Checks `iat` and `exp`, and returns the time at which the token expires. */
function expiryOf(exp: number | undefined, iat: number | undefined, now: Date): Date {
  if (exp === undefined || iat === undefined)
    throw new CredentialsRejectedError("the token has no `exp` or `iat` claim");
  if (iat > now.getTime() / 1000 + CLOCK_TOLERANCE_SECONDS)
    throw new CredentialsRejectedError("the token's iat is in the future");
  if (exp <= iat) throw new CredentialsRejectedError("the token's exp is not after its iat");
  if (exp - iat > MAX_LIFETIME_SECONDS) {
    throw new CredentialsRejectedError(
      `the token has a lifetime of more than ${MAX_LIFETIME_SECONDS / 3600} hours`,
    );
  }
  return new Date(exp * 1000);
}

function decodeToken<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw toCredentialsError(error);
  }
}

/** Converts jose's errors, whose messages name the invalid header or claim but do not contain its value. */
function toCredentialsError(error: unknown): unknown {
  if (error instanceof errors.JOSEError) {
    return new CredentialsRejectedError(`the token is not valid: ${toSingleLine(error.message)}`);
  }
  return error;
}
