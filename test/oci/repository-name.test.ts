import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRepositoryName, parseRepositoryName } from "../../lib/oci/repository-name.ts";
import { ociError, thrown } from "../support/errors.ts";

describe("a repository name", () => {
  it.each([
    "a",
    "0",
    "library/alpine",
    "a/b/c/d/e/f/g/h",
    "with.dot",
    "with_underscore",
    "with__two",
    "with-dash",
    "with---many",
    "a.b_c__d-e/0-1",
    "manifests",
    "blobs/uploads",
    "tags/list",
    "v2/blobs/uploads",
    "a".repeat(255),
  ])("can be %s", (text) => {
    expect(parseRepositoryName(text)).toBe(text);
  });

  it.each<[string, string]>([
    ["empty", ""],
    ["a slash", "/"],
    ["a dot", "."],
    ["two dots", ".."],
    ["a path with a parent folder", "a/../b"],
    ["with a leading slash", "/a"],
    ["with a trailing slash", "a/"],
    ["with an empty component", "a//b"],
    ["in upper case", "Alpine"],
    ["with three underscores", "a___b"],
    ["with two dots in it", "a..b"],
    ["with mixed separators", "a.-b"],
    ["with a leading separator", "-a"],
    ["with a trailing separator", "a-"],
    ["with a leading separator in a component", "a/-b"],
    ["with a trailing separator in a component", "a-/b"],
    ["with a space", "a b"],
    ["with a colon", "a:b"],
    ["with an at sign", "a@b"],
    ["with a hash", "a#b"],
    ["with a percent sign", "a%2fb"],
    ["with a backslash", "a\\b"],
    ["with a zero byte", "a\0b"],
    ["with a trailing line break", "a\n"],
    ["with a letter outside ASCII", "ä"],
    ["with a digit outside ASCII", "a٣"],
    ["the name of the catalog endpoint", "_catalog"],
    ["longer than 255 characters", "a".repeat(256)],
  ])("cannot be %s", (_, text) => {
    expect(isRepositoryName(text)).toBe(false);
    expect(() => parseRepositoryName(text)).toThrow(ociError("NAME_INVALID", 400));
  });

  it("is validated without exponential backtracking", () => {
    const hostile = ["a-".repeat(127), `${"a/".repeat(127)}A`, `${"a".repeat(254)}!`, "a--".repeat(85)];
    // Takes microseconds, or does not end: the timeout is for a test that fails.
    const script = "hostile.map((text) => isRepositoryName(text))";
    const results = runInNewContext(script, { hostile, isRepositoryName }, { timeout: 10_000 });
    expect([...results]).toEqual([false, false, false, false]);
  });

  it("is truncated in errors when it is huge", () => {
    const error = thrown(() => parseRepositoryName("A".repeat(100_000)));
    expect(JSON.stringify(error.items()).length).toBeLessThan(600);
  });

  it("is valid when joined to another one by a slash", () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,9}([._-][a-z0-9]{1,9}){0,2}$/);
    fc.assert(
      fc.property(name, name, (first, second) => {
        expect(isRepositoryName(`${first}/${second}`)).toBe(true);
        expect(isRepositoryName(`${first}//${second}`)).toBe(false);
      }),
    );
  });

  it("never contains a character that could lead out of its partition or folder", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab/.-_#%\\: \0A~") }), (text) => {
        if (isRepositoryName(text)) expect(text).toMatch(/^[a-z0-9/._-]+$/);
        if (isRepositoryName(text)) expect(text.split("/")).not.toContain("..");
      }),
    );
  });
});
