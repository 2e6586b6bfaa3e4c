import { generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { parseOidcRule } from "../../../lib/auth/oidc/rule.ts";
import { claimedIssuer, looksLikeJwt, verifyToken } from "../../../lib/auth/oidc/token.ts";

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const HEAD = encode({ alg: "RS256" });
const MAX_TOKEN_LENGTH = 16 * 1024;

/** Returns a token with the given number of characters. */
function tokenOfLength(length: number): string {
  const token = `${HEAD}.${encode({ iss: "https://issuer.example" })}.`;
  return token + "A".repeat(length - token.length);
}

describe("claimedIssuer", () => {
  it("returns the issuer of a token of up to 16 KiB", () => {
    expect(claimedIssuer(tokenOfLength(MAX_TOKEN_LENGTH))).toBe("https://issuer.example");
    expect(() => claimedIssuer(tokenOfLength(MAX_TOKEN_LENGTH + 1))).toThrow(
      "the token is longer than 16384 characters",
    );
  });

  it.each([{}, { iss: 1 }, { iss: null }])("rejects the claims %j without a valid iss", (claims) => {
    expect(() => claimedIssuer(`${HEAD}.${encode(claims)}.A`)).toThrow("the token has no `iss` claim");
  });

  it("rejects a malformed token", () => {
    expect(() => claimedIssuer(`${HEAD}.A.A`)).toThrow("the token is not valid");
  });
});

describe("looksLikeJwt", () => {
  it.each<[string, boolean]>([
    [tokenOfLength(200), true],
    [`${HEAD}.A.`, true],
    [`${encode({ typ: "JWT" })}.A.A`, false],
    ["not.a.token", false],
    ["not a token", false],
    [`${HEAD}.A`, false],
    [`${HEAD}.A.A.A`, false],
    [`${"A".repeat(MAX_TOKEN_LENGTH - 4)}.A.A`, false],
    [`${"A".repeat(MAX_TOKEN_LENGTH - 3)}.A.A`, true],
  ])("recognizes a JWT in password %#: %s", (password, expected) => {
    expect(looksLikeJwt(password)).toBe(expected);
  });
});

it.each<unknown>([null, "a", 1, ["a"], true])("parseOidcRule rejects the claims %j", (claims) => {
  const rule = { name: "ci", issuer: "https://issuer.example", claims };
  const message = claims === null ? "matches every token" : "the claims of rule ci must be an object";
  expect(() => parseOidcRule(rule)).toThrow(message);
});

describe("verifyToken", () => {
  const NOW = new Date("2026-11-21T12:00:00Z");
  const ISSUER = { url: "https://issuer.example", audiences: ["registry.example"] };
  const seconds = NOW.getTime() / 1000;

  /** Verifies a token with other claims. @returns "valid", or the reason */
  async function verify(changes: object): Promise<string> {
    const { privateKey, publicKey } = await generateKeyPair("EdDSA");
    const claims = { iss: ISSUER.url, aud: ISSUER.audiences, sub: "a", iat: seconds, exp: seconds + 1 };
    const token = await new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: "EdDSA" })
      .sign(privateKey);
    return await verifyToken(token, ISSUER, async () => publicKey, NOW).then(
      () => "valid",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }

  it.each<[string, object, string]>([
    ["a sub of 512 characters", { sub: "a".repeat(512) }, "valid"],
    ["a sub of 513 characters", { sub: "a".repeat(513) }, "the token's sub is not a string of 1 to 512"],
    ["an exp at its iat", { exp: seconds }, "the token's exp is not after its iat"],
    ["an exp a second after its iat", { exp: seconds + 1 }, "valid"],
    ["an iat a minute ahead", { iat: seconds + 60, exp: seconds + 61 }, "valid"],
    ["an iat further ahead", { iat: seconds + 61, exp: seconds + 62 }, "the token's iat is in the future"],
    ["a lifetime of a day", { exp: seconds + 86_400 }, "valid"],
    ["a longer lifetime", { exp: seconds + 86_401 }, "the token has a lifetime of more than 24 hours"],
  ])("decides about a token with %s", async (_, changes, result) => {
    expect(await verify(changes)).toContain(result);
  });
});
