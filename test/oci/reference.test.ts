import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDigestReference, isTag, parseReference, parseTag } from "../../lib/oci/reference.ts";
import { ociError } from "../support/errors.ts";

const DIGEST = `sha256:${"0".repeat(64)}`;

describe("a tag", () => {
  it.each(["latest", "1", "_", "_x", "V1.2.3-rc.1_4", "A".repeat(128), "a..b", "a-", "list"])(
    "can be %s",
    (text) => {
      expect(parseTag(text)).toBe(text);
    },
  );

  it.each<[string, string]>([
    ["empty", ""],
    ["with a leading dot", ".a"],
    ["with a leading dash", "-a"],
    ["longer than 128 characters", "a".repeat(129)],
    ["with a slash", "a/b"],
    ["with a hash", "a#b"],
    ["with a plus sign", "1.0+build"],
    ["with a space", "a b"],
    ["with a trailing line break", "a\n"],
    ["with a letter outside ASCII", "é"],
    ["with a zero byte", "a\0"],
  ])("cannot be %s", (_, text) => {
    expect(isTag(text)).toBe(false);
    expect(() => parseTag(text)).toThrow(ociError("MANIFEST_INVALID", 400));
  });
});

describe("a reference", () => {
  it("is a tag when it has no colon", () => {
    expect(isDigestReference(parseReference("latest"))).toBe(false);
  });

  it("is a digest when it has a colon", () => {
    expect(isDigestReference(parseReference(DIGEST))).toBe(true);
  });

  it("is a tag even when it looks like a digest's hex", () => {
    expect(isDigestReference(parseReference("0".repeat(64)))).toBe(false);
  });

  it.each(["a:b", ":", `${DIGEST}0`, "sha384:00"])("is rejected as a digest when it is %s", (text) => {
    expect(() => parseReference(text)).toThrow(ociError("DIGEST_INVALID"));
  });

  it.each(["", ".a", "a/b"])("is rejected as a tag when it is %j", (text) => {
    expect(() => parseReference(text)).toThrow(ociError("MANIFEST_INVALID"));
  });

  it("is never both a tag and a digest", () => {
    const text = fc.oneof(fc.string(), fc.constant(DIGEST), fc.stringMatching(/^[a-z0-9:._-]{1,80}$/));
    fc.assert(fc.property(text, (some) => !(isTag(some) && some.includes(":"))));
  });
});
