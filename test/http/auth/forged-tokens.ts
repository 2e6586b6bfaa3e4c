import { generateKeyPairSync, sign } from "node:crypto";
import { decodeJwt, type JWTHeaderParameters, SignJWT } from "jose";
import { TokenKeys } from "../../../lib/auth/tokens/token-keys.ts";
import { Tokens } from "../../../lib/auth/tokens/tokens.ts";
import { clocksOf } from "../../support/memory.ts";
import type { AccessLab } from "./access-lab.ts";

/** Makes of a good token one that is not. */
type Forgery = (good: string, lab: AccessLab, password: string) => Promise<string>;

/** What the registry's first key signs with. */
const HEADER = { alg: "EdDSA", typ: "at+jwt", kid: "00000001" };

/** What a token says, signed by the key that signed it, as one of this type. */
export async function signedByRegistry({ memory }: AccessLab, good: string, type: string): Promise<string> {
  const clocks = clocksOf(memory.clock);
  const { iss: host = "", exp = 0, sub, access } = decodeJwt(good);
  return await new Tokens(new TokenKeys({ records: memory.records, ...clocks }), clocks.now).sign(type, {
    ...{ host, exp, access },
    ...(sub === undefined ? {} : { sub }),
  });
}

/** Signed by somebody else. */
function selfSigned(header: JWTHeaderParameters): Forgery {
  return async (good) => {
    const text = `${encode(header)}.${good.split(".")[1]}`;
    const { privateKey } = generateKeyPairSync("ed25519");
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
  };
}

export const FORGERIES: Readonly<Record<string, Forgery>> = {
  "no algorithm": async (good) => `${encode({ ...HEADER, alg: "none" })}.${good.split(".")[1]}.`,
  "HS256 with the public key": async (good, { memory }) => {
    const keys = { partition: "keys", sort: "" };
    const [key] = await memory.records.query<{ x: string }>(keys, { limit: 1 });
    const secret = Buffer.from(key?.value.x ?? "", "base64url");
    return await new SignJWT(decodeJwt(good)).setProtectedHeader({ ...HEADER, alg: "HS256" }).sign(secret);
  },
  "a key of the caller's own": selfSigned(HEADER),
  "an unknown key": selfSigned({ ...HEADER, kid: "00000009" }),
  "another type": async (good, lab) => await signedByRegistry(lab, good, "JWT"),
  "a changed scope": async (good) => {
    const [head, , signature] = good.split(".");
    const access = [{ type: "repository", name: "a", actions: ["push"] }];
    return `${head}.${encode({ ...decodeJwt(good), access })}.${signature}`;
  },
  "the refresh token": async (_, lab, password) => {
    const fields = { grant_type: "password", username: "alice", password, access_type: "offline" };
    return JSON.parse((await lab.post(fields)).text).refresh_token;
  },
};

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
