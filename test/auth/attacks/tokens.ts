import { createHmac, generateKeyPairSync } from "node:crypto";
import { exportJWK, importJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { type IdentitiesContext, REGISTRY } from "../identities-context.ts";
import type { Attack } from "./attack.ts";

const json64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A valid token with other claims. */
const claiming =
  (changes: (context: IdentitiesContext) => object) =>
  (context: IdentitiesContext): Promise<string> =>
    context.issuer.sign({ ...context.claims(), ...changes(context) });

/** The claims of a valid token with a header and a signature by the attacker's key. */
const own =
  (header: (jwk: object, context: IdentitiesContext) => object) => async (context: IdentitiesContext) => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = await exportJWK(publicKey);
    return await new SignJWT(context.claims())
      .setProtectedHeader({ alg: "ES256", kid: "ES256", ...header(jwk, context) } as JWTHeaderParameters)
      .sign(privateKey);
  };

const unsigned = (header: object, claims: JWTPayload, signature = "") =>
  `${json64(header)}.${json64(claims)}.${signature}`;

/** A token with an HMAC whose secret is the issuer's public key: algorithm confusion. */
async function confused(context: IdentitiesContext, alg: string, secretOf: (key: object) => Promise<string>) {
  const key = context.issuer.keys[0] ?? {};
  const signed = `${json64({ alg, kid: "RS256" })}.${json64(context.claims())}`;
  const hash = createHmac(alg.replace("HS", "sha"), await secretOf(key));
  return `${signed}.${hash.update(signed).digest("base64url")}`;
}

async function pem(key: object): Promise<string> {
  const { KeyObject } = await import("node:crypto");
  const imported = await importJWK({ ...key, ext: true });
  if (imported instanceof Uint8Array) throw new Error("no public key");
  return KeyObject.from(imported).export({ type: "spki", format: "pem" }).toString();
}

const NOT_VALID = /CredentialsRejectedError: the token is not valid/;
const NOT_CONFIGURED = /CredentialsRejectedError: tokens issued by .* are not accepted/;
const NO_RULE = /CredentialsRejectedError: oidc:.* matches no rule; acme-main requires/;
const WRONG_SUB = /sub is not a string/;

export const TOKEN_ATTACKS: readonly Attack[] = [
  // Algorithms and keys
  {
    attack: "alg none",
    password: async (context) => unsigned({ alg: "none" }, context.claims()),
    why: NOT_VALID,
  },
  {
    attack: "alg nOnE",
    password: async (context) => unsigned({ alg: "nOnE" }, context.claims()),
    why: NOT_VALID,
  },
  {
    attack: "alg none with a signature",
    password: async (context) => unsigned({ alg: "none", kid: "RS256" }, context.claims(), "AAAA"),
    why: NOT_VALID,
  },
  {
    attack: "no signature with a valid algorithm",
    password: async (context) => (await context.issuer.sign(context.claims())).replace(/[^.]+$/, ""),
    why: NOT_VALID,
  },
  {
    attack: "HS256 with the public key in PEM",
    password: (context) => confused(context, "HS256", pem),
    why: NOT_VALID,
  },
  {
    attack: "HS512 with the public key in JSON",
    password: (context) => confused(context, "HS512", async (key) => JSON.stringify(key)),
    why: NOT_VALID,
  },
  {
    attack: "HS256 with an empty secret",
    password: (context) => confused(context, "HS256", async () => ""),
    why: NOT_VALID,
  },
  { attack: "the attacker's key with a valid kid", password: own(() => ({})), why: NOT_VALID },
  { attack: "its own key as jwk", password: own((jwk) => ({ jwk })), why: NOT_VALID },
  {
    attack: "its own key as jwk, and no kid",
    password: own((jwk) => ({ jwk, kid: undefined })),
    why: NOT_VALID,
  },
  {
    attack: "its own keys at jku",
    password: own(() => ({ jku: "http://127.0.0.1:9/jwks" })),
    why: NOT_VALID,
  },
  {
    attack: "its own certificate at x5u",
    password: own(() => ({ x5u: "http://127.0.0.1:9/x" })),
    why: NOT_VALID,
  },
  { attack: "its own certificate as x5c", password: own(() => ({ x5c: ["MIIB"] })), why: NOT_VALID },
  { attack: "a kid that is a path", password: own(() => ({ kid: "../../../dev/null" })), why: NOT_VALID },
  { attack: "a kid that is a prototype's", password: own(() => ({ kid: "__proto__" })), why: NOT_VALID },
  { attack: "a kid that is a list", password: own(() => ({ kid: ["ES256"] })), why: NOT_VALID },
  { attack: "a kid of another algorithm", password: own(() => ({ kid: "RS256" })), why: NOT_VALID },
  {
    attack: "an unknown critical extension",
    password: (context) => context.issuer.sign(context.claims(), "RS256", { crit: ["x"], x: 1 }),
    why: NOT_VALID,
  },
  {
    attack: "claims changed after they were signed",
    password: async (context) => {
      const [header, , signature] = (await context.issuer.sign(context.claims())).split(".");
      return `${header}.${json64(context.claims({ sub: "repo:acme/other" }))}.${signature}`;
    },
    why: NOT_VALID,
  },
  {
    attack: "longer than 16 KB",
    password: claiming(() => ({ more: "x".repeat(16_000) })),
    why: /longer than 16384 characters/,
  },
  {
    attack: "claims that are not an object",
    password: async () => `${json64({ alg: "RS256", kid: "RS256" })}.${json64(["iss"])}.AAAA`,
    why: NOT_VALID,
  },

  // Issuers
  { attack: "no iss", password: claiming(() => ({ iss: undefined })), why: /the token has no `iss` claim/ },
  { attack: "another iss", password: claiming(() => ({ iss: "https://evil.example" })), why: NOT_CONFIGURED },
  {
    attack: "iss with an extra slash",
    password: claiming((context) => ({ iss: `${context.issuer.url}/` })),
    why: NOT_CONFIGURED,
  },
  {
    attack: "iss in upper case",
    password: claiming((context) => ({ iss: context.issuer.url.toUpperCase() })),
    why: NOT_CONFIGURED,
  },
  {
    attack: "iss with a user",
    password: claiming((context) => ({ iss: context.issuer.url.replace("//", "//evil@") })),
    why: NOT_CONFIGURED,
  },
  {
    attack: "iss that begins with ours",
    password: claiming((context) => ({ iss: `${context.issuer.url}.evil.example` })),
    why: NOT_CONFIGURED,
  },
  {
    attack: "iss with a space before it",
    password: claiming((context) => ({ iss: ` ${context.issuer.url}` })),
    why: NOT_CONFIGURED,
  },
  {
    attack: "iss that is a list with ours",
    password: claiming((context) => ({ iss: [context.issuer.url] })),
    why: /has no `iss` claim|is not valid/,
  },

  // Audiences
  { attack: "no aud", password: claiming(() => ({ aud: undefined })), why: NOT_VALID },
  {
    attack: "for another registry",
    password: claiming(() => ({ aud: "other.example.com" })),
    why: NOT_VALID,
  },
  { attack: "for several others", password: claiming(() => ({ aud: ["a", "b"] })), why: NOT_VALID },
  {
    attack: "aud in upper case",
    password: claiming(() => ({ aud: REGISTRY.toUpperCase() })),
    why: NOT_VALID,
  },
  {
    attack: "aud that ours is a part of",
    password: claiming(() => ({ aud: `${REGISTRY}.evil` })),
    why: NOT_VALID,
  },
  {
    attack: "aud that is an object",
    password: claiming(() => ({ aud: { [REGISTRY]: true } })),
    why: NOT_VALID,
  },
  { attack: "aud in a list in a list", password: claiming(() => ({ aud: [[REGISTRY]] })), why: NOT_VALID },

  // Times
  {
    attack: "expired",
    password: claiming((context) => ({ iat: context.seconds(-400), exp: context.seconds(-61) })),
    why: NOT_VALID,
  },
  {
    attack: "not valid yet",
    password: claiming((context) => ({ nbf: context.seconds(61) })),
    why: NOT_VALID,
  },
  { attack: "no exp", password: claiming(() => ({ exp: undefined })), why: NOT_VALID },
  {
    attack: "exp as a string",
    password: claiming((context) => ({ exp: String(context.seconds(300)) })),
    why: NOT_VALID,
  },
  { attack: "no iat", password: claiming(() => ({ iat: undefined })), why: NOT_VALID },
  {
    attack: "issued in the future",
    password: claiming((context) => ({ iat: context.seconds(120), exp: context.seconds(300) })),
    why: /iat is in the future/,
  },
  {
    attack: "expired before it was issued",
    password: claiming((context) => ({ iat: context.seconds(50), exp: context.seconds(40) })),
    why: /exp is not after its iat/,
  },
  {
    attack: "valid for years",
    password: claiming((context) => ({ exp: context.seconds(10 * 365 * 86_400) })),
    why: /lifetime of more than 24 hours/,
  },

  // Subjects
  { attack: "no sub", password: claiming(() => ({ sub: undefined })), why: NOT_VALID },
  { attack: "sub that is empty", password: claiming(() => ({ sub: "" })), why: WRONG_SUB },
  { attack: "sub that is a number", password: claiming(() => ({ sub: 1 })), why: WRONG_SUB },
  { attack: "sub with a line break", password: claiming(() => ({ sub: "a\n{}" })), why: WRONG_SUB },
  {
    attack: "sub with a bidirectional override",
    password: claiming(() => ({ sub: "a\u202eb" })),
    why: WRONG_SUB,
  },

  // Claims that do not match the rule: acme/* on refs/heads/main
  { attack: "another organisation", password: claiming(() => ({ repository: "evil/app" })), why: NO_RULE },
  { attack: "a missing claim", password: claiming(() => ({ ref: undefined })), why: NO_RULE },
  { attack: "a claim that is null", password: claiming(() => ({ ref: null })), why: NO_RULE },
  {
    attack: "a claim that is an object",
    password: claiming(() => ({ ref: { "refs/heads/main": 1 } })),
    why: NO_RULE,
  },
  {
    attack: "a claim that is an object with toString",
    password: claiming(() => ({ ref: { toString: "refs/heads/main" } })),
    why: NO_RULE,
  },
  {
    attack: "a claim that is a list in a list",
    password: claiming(() => ({ ref: [["refs/heads/main"]] })),
    why: NO_RULE,
  },
  {
    attack: "a claim that is a list of more than strings",
    password: claiming(() => ({ ref: ["refs/heads/main", 1] })),
    why: NO_RULE,
  },
  { attack: "a claim that is an empty list", password: claiming(() => ({ ref: [] })), why: NO_RULE },
  { attack: "upper case", password: claiming(() => ({ repository: "ACME/app" })), why: NO_RULE },
  { attack: "a Cyrillic а", password: claiming(() => ({ repository: "\u0430cme/app" })), why: NO_RULE },
  { attack: "full-width letters", password: claiming(() => ({ repository: "ａｃｍｅ/app" })), why: NO_RULE },
  {
    attack: "a character that resembles a slash",
    password: claiming(() => ({ repository: "acme\u2215app" })),
    why: NO_RULE,
  },
  {
    attack: "one segment more than * matches",
    password: claiming(() => ({ repository: "acme/app/evil" })),
    why: NO_RULE,
  },
  { attack: "text before", password: claiming(() => ({ repository: "evil/acme/app" })), why: NO_RULE },
  { attack: "a line before", password: claiming(() => ({ ref: "evil\nrefs/heads/main" })), why: NO_RULE },
  { attack: "a line after", password: claiming(() => ({ ref: "refs/heads/main\n" })), why: NO_RULE },
  { attack: "a NUL after", password: claiming(() => ({ ref: "refs/heads/main\u0000" })), why: NO_RULE },
  {
    attack: "a branch whose name begins with ours",
    password: claiming(() => ({ ref: "refs/heads/main2" })),
    why: NO_RULE,
  },
  {
    attack: "a tag with the name of our branch",
    password: claiming(() => ({ ref: "refs/tags/main" })),
    why: NO_RULE,
  },
  {
    attack: "stars in the claims",
    password: claiming(() => ({ repository: "**", ref: "**" })),
    why: NO_RULE,
  },
  {
    attack: "a claim that is too long to match",
    password: claiming(() => ({ repository: `acme/${"a".repeat(5000)}` })),
    why: NO_RULE,
  },
];
