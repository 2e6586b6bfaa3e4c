import { generateKeyPairSync, sign } from "node:crypto";
import { decodeJwt, type JWTHeaderParameters, SignJWT } from "jose";
import { TokenKeys } from "../../../lib/auth/tokens/token-keys.ts";
import { Tokens } from "../../../lib/auth/tokens/tokens.ts";
import { clocksOf } from "../../support/memory.ts";
import type { AccessContext } from "./access-context.ts";

/** Creates an invalid token from a valid one. */
type Forgery = (valid: string, context: AccessContext, password: string) => Promise<string>;

/** The header of tokens that the registry's first key signs. */
const HEADER = { alg: "EdDSA", typ: "at+jwt", kid: "00000001" };

/** Returns a token with the same claims and another type, signed by the registry's key. */
export async function signedByRegistry(
  { memory }: AccessContext,
  valid: string,
  type: string,
): Promise<string> {
  const clocks = clocksOf(memory.clock);
  const { iss: host = "", exp = 0, sub, access } = decodeJwt(valid);
  return await new Tokens(new TokenKeys({ records: memory.records, ...clocks }), clocks.now).sign(type, {
    ...{ host, exp, access },
    ...(sub === undefined ? {} : { sub }),
  });
}

/** Signs the claims with another key. */
function selfSigned(header: JWTHeaderParameters): Forgery {
  return async (valid) => {
    const text = `${encode(header)}.${valid.split(".")[1]}`;
    const { privateKey } = generateKeyPairSync("ed25519");
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
  };
}

export const FORGERIES: Readonly<Record<string, Forgery>> = {
  "no algorithm": async (valid) => `${encode({ ...HEADER, alg: "none" })}.${valid.split(".")[1]}.`,
  "HS256 with the public key": async (valid, { memory }) => {
    const keys = { partition: "keys", sort: "" };
    const [key] = await memory.records.query<{ x: string }>(keys, { limit: 1 });
    const secret = Buffer.from(key?.value.x ?? "", "base64url");
    return await new SignJWT(decodeJwt(valid)).setProtectedHeader({ ...HEADER, alg: "HS256" }).sign(secret);
  },
  "a key of the caller's own": selfSigned(HEADER),
  "an unknown key": selfSigned({ ...HEADER, kid: "00000009" }),
  "another type": async (valid, context) => await signedByRegistry(context, valid, "JWT"),
  "a changed scope": async (valid) => {
    const [head, , signature] = valid.split(".");
    const access = [{ type: "repository", name: "a", actions: ["push"] }];
    return `${head}.${encode({ ...decodeJwt(valid), access })}.${signature}`;
  },
  "the refresh token": async (_, context, password) => {
    const fields = { grant_type: "password", username: "alice", password, access_type: "offline" };
    return JSON.parse((await context.post(fields)).text).refresh_token;
  },
};

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
