import { describe, expect, it } from "vitest";
import { parseOidcRule } from "../../../lib/auth/oidc/rule.ts";
import { claimedIssuer, looksLikeToken } from "../../../lib/auth/oidc/token.ts";

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const HEAD = encode({ alg: "RS256" });
const MAX_LENGTH = 16 * 1024;

/** A token of this issuer, with so many characters. */
function tokenOf(length: number): string {
  const token = `${HEAD}.${encode({ iss: "https://issuer.example" })}.`;
  return token + "A".repeat(length - token.length);
}

describe("the issuer that a token names", () => {
  it("is read from one of up to 16 KiB", () => {
    expect(claimedIssuer(tokenOf(MAX_LENGTH))).toBe("https://issuer.example");
    expect(() => claimedIssuer(tokenOf(MAX_LENGTH + 1))).toThrow("the token is longer than 16384 characters");
  });

  it.each([{}, { iss: 1 }, { iss: null }])("is missing in %j", (claims) => {
    expect(() => claimedIssuer(`${HEAD}.${encode(claims)}.A`)).toThrow("the token lacks iss");
  });

  it("is not read from what is no token", () => {
    expect(() => claimedIssuer(`${HEAD}.A.A`)).toThrow("the token is not valid");
  });
});

describe("a password", () => {
  it.each<[string, boolean]>([
    [tokenOf(200), true],
    [`${HEAD}.A.`, true],
    [`${encode({ typ: "JWT" })}.A.A`, false],
    ["not.a.token", false],
    ["not a token", false],
    [`${HEAD}.A`, false],
    [`${HEAD}.A.A.A`, false],
    [`${"A".repeat(MAX_LENGTH - 4)}.A.A`, false],
    [`${"A".repeat(MAX_LENGTH - 3)}.A.A`, true],
  ])("looks like a token (%#): %s", (password, looks) => {
    expect(looksLikeToken(password)).toBe(looks);
  });
});

it.each<unknown>([null, "a", 1, ["a"], true])("the claims of a rule are not %j", (claims) => {
  const rule = { name: "ci", issuer: "https://issuer.example", claims };
  const message = claims === null ? "matches every token" : "the claims of rule ci must be an object";
  expect(() => parseOidcRule(rule)).toThrow(message);
});
