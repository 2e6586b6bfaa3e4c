import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesWildcard, parseWildcard, type Wildcard } from "../../lib/auth/grants/wildcard.ts";

function matches(pattern: string, text: string): boolean {
  const wildcard = parseWildcard(pattern);
  if (wildcard === undefined) throw new Error(`invalid pattern: ${pattern}`);
  return matchesWildcard(wildcard, text);
}

it.each<[string, string, boolean]>([
  ["acme/app", "acme/app", true],
  ["acme/*", "acme/app", true],
  ["acme/*", "acme/", true],
  ["acme/*", "acme/a/b", false],
  ["acme/**", "acme/a/b", true],
  ["acme/**", "acme", false],
  ["**/main", "refs/heads/main", true],
  ["*/main", "refs/heads/main", false],
  ["a*b*c", "aXbYc", true],
  ["a*b*c", "aXbY", false],
  ["a**b*c", "a/x/bb/bc", true],
  ["a*b**c", "a/bc", false],
  ["*", "", true],
  ["**", "a\nb", true],
  ["a.c", "abc", false],
  ["[a]", "a", false],
  ["a", "A", false],
])("%s matches %j: %j", (pattern, text, isMatch) => {
  expect(matches(pattern, text)).toBe(isMatch);
});

it("matches exactly what the equivalent regular expression matches", () => {
  const texts = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 12 });
  const patterns = fc
    .array(fc.constantFrom("a", "b", "/", "*", "**"), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join("").replace(/\*{3,}/g, "**"));
  const expressionOf = (pattern: string) =>
    new RegExp(`^${pattern.replace(/\*\*|\*/g, (stars) => (stars === "*" ? "[^/]*" : ".*"))}$`, "s");
  fc.assert(
    fc.property(
      patterns,
      texts,
      (pattern, text) => matches(pattern, text) === expressionOf(pattern).test(text),
    ),
    { numRuns: 2000 },
  );
});

it("takes a bounded number of steps for a pathological pattern", () => {
  const wildcard = parseWildcard("*a**a".repeat(20));
  const text = `${"a".repeat(200)}b`;
  const bound = 4 * (wildcard?.parts.length ?? 0) * (text.length + 1);
  let reads = 0;
  const counted = (part: Wildcard["parts"][number]) =>
    new Proxy(part, {
      has: (target, name) => {
        if (++reads > bound) throw new Error(`more than ${bound} steps`);
        return name in target;
      },
    });
  const parts = wildcard?.parts.map(counted) ?? [];
  expect(matchesWildcard({ text: "", parts }, text)).toBe(false);
  expect(reads).toBeGreaterThan(text.length);
});

it.each(["", "***", "a\nb", "a\u0000", "a".repeat(513)])("rejects the pattern %j", (text) => {
  expect(parseWildcard(text)).toBeUndefined();
});

it.each([
  [4096, true],
  [4097, false],
])("** matches a text of %d characters: %j", (length, isMatch) => {
  expect(matches("**", "a".repeat(length))).toBe(isMatch);
});
