import { describe, expect, it } from "vitest";
import { parseOidcRule } from "../../../lib/auth/oidc/rule.ts";
import { claimedIssuer, looksLikeToken } from "../../../lib/auth/oidc/token.ts";

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
    expect(() => claimedIssuer(`${HEAD}.${encode(claims)}.A`)).toThrow("the token lacks iss");
  });

  it("rejects a malformed token", () => {
    expect(() => claimedIssuer(`${HEAD}.A.A`)).toThrow("the token is not valid");
  });
});

describe("hasTokenForm", () => {
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
  ])("decides for password %#: %s", (password, expected) => {
    expect(looksLikeToken(password)).toBe(expected);
  });
});

it.each<unknown>([null, "a", 1, ["a"], true])("parseOidcRule rejects the claims %j", (claims) => {
  const rule = { name: "ci", issuer: "https://issuer.example", claims };
  const message = claims === null ? "matches every token" : "the claims of rule ci must be an object";
  expect(() => parseOidcRule(rule)).toThrow(message);
});
