import { decodeJwt, decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { CredentialsRefusedError } from "../authenticator.ts";
import { lineOf } from "../configuration.ts";
import type { Claims } from "./claims.ts";
import type { Issuer } from "./issuer.ts";

/** Signatures that only the holder of a private key can make: none with a shared secret, and not `none`. */
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

const MAX_LENGTH = 16 * 1024;
/** Seconds by which the issuer's clock may be ahead or behind. */
const TOLERANCE = 60;
/** Seconds. Nobody gives a job a token for longer; and such a token lies around. */
const MAX_LIFETIME = 24 * 60 * 60;

export interface VerifiedToken {
  readonly subject: string;
  readonly expires: Date;
  readonly claims: Claims;
}

/** Whether it has the form of a signed token, whatever it says: three parts, of which the first names an algorithm. */
export function looksLikeToken(password: string): boolean {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(password)) return false;
  if (password.length > MAX_LENGTH) return true;
  try {
    return "alg" in decodeProtectedHeader(password);
  } catch {
    return false;
  }
}

/** Who the token says has made it, which is not to be believed yet. */
export function claimedIssuer(token: string): string {
  if (token.length > MAX_LENGTH) {
    throw new CredentialsRefusedError(`the token is longer than ${MAX_LENGTH} characters`);
  }
  const { iss } = readingToken(() => decodeJwt(token));
  if (typeof iss !== "string") throw new CredentialsRefusedError("the token does not say who has issued it");
  return iss;
}

/**
 * The token's own pointers to keys (`jwk`, `jku`, `x5u`, `x5c`) are not looked at.
 * @throws CredentialsRefusedError
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
      ...{ clockTolerance: TOLERANCE, currentDate: now, requiredClaims: ["sub", "exp", "iat"] },
    });
    const { sub, exp, iat } = payload;
    const expires = expiryOf(exp, iat, now);
    return { subject: subjectOf(sub), expires, claims: payload };
  } catch (error) {
    throw refusal(error);
  }
}

/** RFC 7519 leaves the length open; it goes into names and logs. */
function subjectOf(sub: unknown): string {
  if (typeof sub === "string" && sub !== "" && sub.length <= 512 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(sub))
    return sub;
  throw new CredentialsRefusedError(`the token's sub is no text of 1 to 512 printable characters`);
}

function expiryOf(exp: number | undefined, iat: number | undefined, now: Date): Date {
  if (exp === undefined || iat === undefined) throw new CredentialsRefusedError("the token lacks exp or iat");
  if (iat > now.getTime() / 1000 + TOLERANCE)
    throw new CredentialsRefusedError("the token's iat is in the future");
  if (exp <= iat) throw new CredentialsRefusedError("the token's exp is not after its iat");
  if (exp - iat > MAX_LIFETIME) {
    throw new CredentialsRefusedError(`the token is good for more than ${MAX_LIFETIME / 3600} hours`);
  }
  return new Date(exp * 1000);
}

function readingToken<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refusal(error);
  }
}

/** jose's messages name the header or claim that is wrong, and no value of the token. */
function refusal(error: unknown): unknown {
  if (error instanceof errors.JOSEError) {
    return new CredentialsRefusedError(`the token is not valid: ${lineOf(error.message)}`);
  }
  return error;
}
