import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesList } from "../../lib/auth/grants/matches-list.ts";
import { matchesPattern, parsePattern } from "../../lib/auth/grants/pattern.ts";
import { MalformedError } from "../../lib/auth/malformed-error.ts";
import { isRepositoryName, parseRepositoryName } from "../../lib/oci/repository-name.ts";

function isMatch(pattern: string, name: string): boolean {
  return matchesPattern(parsePattern(pattern), parseRepositoryName(name));
}

/** A naive reference implementation, which is too slow for production. */
function matchesNaively(pattern: readonly string[], name: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return name.length === 0;
  if (first === "**")
    return name.some((_, at) => matchesNaively(rest, name.slice(at))) || matchesNaively(rest, []);
  const [segment, ...others] = name;
  return segment !== undefined && matchesSegmentNaively(first, segment) && matchesNaively(rest, others);
}

function matchesSegmentNaively(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern.startsWith("*")) {
    return (
      matchesSegmentNaively(pattern.slice(1), text) ||
      (text !== "" && matchesSegmentNaively(pattern, text.slice(1)))
    );
  }
  return text.startsWith(pattern[0] ?? "") && matchesSegmentNaively(pattern.slice(1), text.slice(1));
}

describe("a repository pattern", () => {
  it.each([
    ["acme/app", "acme/app", true],
    ["acme/app", "acme/app2", false],
    ["acme/*", "acme/app", true],
    ["acme/*", "acme", false],
    ["acme/*", "acme/team/app", false],
    ["acme/**", "acme", true],
    ["acme/**", "acme/team/app", true],
    ["acme/**", "acme2/app", false],
    ["**", "anything/at/all", true],
    ["*", "one", true],
    ["*", "one/two", false],
    ["**/app", "app", true],
    ["**/app", "a/b/app", true],
    ["**/app", "a/b/app/c", false],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["a/**/b/**/c", "a/x/b/y/b/c", true],
    ["team-*/app", "team-red/app", true],
    ["*-cache/**", "go-cache", true],
  ])("%s matches %s: %s", (pattern, name, expected) => {
    expect(isMatch(pattern, name)).toBe(expected);
  });

  it.each([
    "",
    "/",
    "/acme",
    "acme/",
    "acme//app",
    "Acme/*",
    "acme/../x",
    "..",
    "acme/a**",
    "***",
    "acme/ä",
    "acme/ａpp",
    "acme app",
    "acme\u0000",
    "acme\n",
    "acme/%2e",
    "acme?",
    "acme#x",
    "[a-z]",
    "a".repeat(256),
  ])("rejects %j", (text) => {
    expect(() => parsePattern(text)).toThrow(MalformedError);
  });

  const letter = fc.constantFrom("a", "b");
  const segment = fc.array(letter, { minLength: 1, maxLength: 3 }).map((letters) => letters.join(""));
  const name = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join("/"));
  const piece = fc.oneof(
    fc.constant("**"),
    fc
      .array(fc.constantFrom("a", "b", "*"), { minLength: 1, maxLength: 4 })
      .map((letters) => letters.join("").replaceAll(/\*+/g, "*")),
  );
  const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join("/"));

  it("matches exactly what the reference implementation matches", () => {
    fc.assert(
      fc.property(pattern, name, (text, repository) => {
        expect(isRepositoryName(repository)).toBe(true);
        expect(isMatch(text, repository)).toBe(matchesNaively(text.split("/"), repository.split("/")));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["one segment", [..."*a".repeat(120), "b"], Array<string>(255).fill("a"), "*"],
    [
      "many segments",
      [...Array<string[]>(50).fill(["**", "a"]).flat(), "b"],
      Array<string>(127).fill("a"),
      "**",
    ],
  ])("takes a bounded number of steps for a pathological pattern of %s", (_, pattern, items, wildcard) => {
    const bound = pattern.length * items.length;
    let comparisons = 0;
    const isEqual = (a: string, b: string) => {
      if (++comparisons > bound) throw new Error(`more than ${bound} steps`);
      return a === b;
    };
    expect(matchesList(pattern, items, wildcard, isEqual)).toBe(false);
    expect(comparisons).toBeGreaterThan(items.length);
  });
});
