import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  algorithmOf,
  excerpt,
  hexOf,
  isDigest,
  makeDigest,
  parseAlgorithm,
  parseDigest,
} from "../../lib/oci/digest.ts";
import { ociError, thrown } from "../support/errors.ts";

const SHA256_HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const SHA512_HEX = SHA256_HEX.repeat(2);

describe("a digest", () => {
  it.each([`sha256:${SHA256_HEX}`, `sha512:${SHA512_HEX}`])("can be %s", (text) => {
    expect(parseDigest(text)).toBe(text);
  });

  it.each<[string, string]>([
    ["empty", ""],
    ["only a colon", ":"],
    ["only an algorithm", "sha256"],
    ["an algorithm without hex", "sha256:"],
    ["hex without an algorithm", SHA256_HEX],
    ["hex after a colon", `:${SHA256_HEX}`],
    ["in upper case", `sha256:${SHA256_HEX.toUpperCase()}`],
    ["of an algorithm in upper case", `SHA256:${SHA256_HEX}`],
    ["too short", `sha256:${SHA256_HEX.slice(1)}`],
    ["too long", `sha256:${SHA256_HEX}0`],
    ["sha512 of sha256's length", `sha512:${SHA256_HEX}`],
    ["sha256 of sha512's length", `sha256:${SHA512_HEX}`],
    ["not hex", `sha256:${"g".repeat(64)}`],
    ["of another algorithm", `md5:${"0".repeat(32)}`],
    ["of an algorithm that the spec allows but does not register", `sha384:${"0".repeat(96)}`],
    ["of an algorithm that is a property of all objects", `constructor:${SHA256_HEX}`],
    ["of two algorithms", `sha256+b64:${SHA256_HEX}`],
    ["with a leading space", ` sha256:${SHA256_HEX}`],
    ["with a trailing line break", `sha256:${SHA256_HEX}\n`],
    ["with a second colon", `sha256::${SHA256_HEX.slice(1)}`],
    ["escaped", `sha256%3A${SHA256_HEX}`],
    ["a path", `sha256:../../${"0".repeat(58)}`],
  ])("cannot be %s", (_, text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(ociError("DIGEST_INVALID", 400));
  });

  it("is accepted only if its algorithm could have computed it", () => {
    const algorithm = fc.constantFrom("sha256", "sha512", "sha384", "md5", "sha1", "");
    const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEFg:"), maxLength: 140 });
    fc.assert(
      fc.property(algorithm, hex, (name, rest) => {
        const genuine = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(`${name}:${rest}`);
        expect(isDigest(`${name}:${rest}`)).toBe(genuine);
      }),
    );
  });

  it("can be split into algorithm and hex, and joined again", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom("sha256", "sha512"), (bytes, algorithm) => {
        const hex = createHash(algorithm).update(bytes).digest("hex");
        const digest = makeDigest(algorithm, hex);
        expect(digest).toBe(`${algorithm}:${hex}`);
        expect([algorithmOf(digest), hexOf(digest)]).toEqual([algorithm, hex]);
      }),
    );
  });

  it("cannot be created from text that is not hex", () => {
    expect(() => makeDigest("sha256", "zz")).toThrow(ociError("DIGEST_INVALID"));
  });
});

describe("an algorithm", () => {
  it.each(["sha256", "sha512"])("can be %s", (text) => {
    expect(parseAlgorithm(text)).toBe(text);
  });

  it.each(["", "sha384", "md5", "SHA256", "toString", "__proto__", "sha256 "])("cannot be %j", (text) => {
    expect(() => parseAlgorithm(text)).toThrow(ociError("DIGEST_INVALID", 400));
  });
});

describe("an excerpt of a client's text", () => {
  it("is complete when short, and truncated when long", () => {
    expect(excerpt("a".repeat(200))).toBe("a".repeat(200));
    expect(excerpt("a".repeat(201))).toBe(`${"a".repeat(200)}…`);
  });

  it("bounds the detail of an error for a digest of any length", () => {
    const error = thrown(() => parseDigest("a:".repeat(100_000)));
    expect(JSON.stringify(error.items()).length).toBeLessThan(500);
  });
});
