import { describe, expect, it } from "vitest";
import {
  DUMMY_HASH,
  generateSecret,
  hashSecret,
  secretIdOf,
  verifySecret,
} from "../../lib/auth/accounts/secrets.ts";

describe("a secret", () => {
  it("has an ID and is unique", () => {
    const secrets = Array.from({ length: 500 }, () => generateSecret());
    for (const { id, secret } of secrets) expect(secretIdOf(secret)).toBe(id);
    expect(new Set(secrets.map(({ secret }) => secret)).size).toBe(500);
  });

  it.each([
    "",
    "dockless_",
    `dockless_${"a".repeat(29)}`,
    `dockless_${"a".repeat(31)}`,
    `x${generateSecret().secret}`,
  ])("does not have the form %j", (text) => {
    expect(secretIdOf(text)).toBeUndefined();
  });

  it("matches only its own hash", () => {
    const { secret } = generateSecret();
    const hash = hashSecret(secret, Buffer.alloc(16, 7));
    expect(hash).toMatch(/^\$hmac-sha256\$BwcHBwcHBwcHBwcHBwcHBw\$/);
    expect(verifySecret(secret, hash)).toBe(true);
    expect(verifySecret(`${secret}x`, hash)).toBe(false);
    expect(verifySecret(secret, DUMMY_HASH)).toBe(false);
    expect(verifySecret(secret, "not a hash")).toBe(false);
  });
});
