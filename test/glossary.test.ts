import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expressionsOf, hitsIn } from "./support/expressions.ts";

const ROOT = join(import.meta.dirname, "..");
const GLOSSARY = "docs/glossary.md";
/** Files that consist of expressions, or of sentences of the specification. */
const EXEMPT = [GLOSSARY, "docs/spec.md", "test/glossary.test.ts"];

const replaced = expressionsOf(readFileSync(join(ROOT, GLOSSARY), "utf8"));
const tracked = execFileSync("git", ["ls-files", "-z", "*.ts", "*.js", "*.md"], {
  cwd: ROOT,
  encoding: "utf8",
});
const paths = tracked.split("\0").filter((path) => existsSync(join(ROOT, path)) && path !== "");
const texts = paths
  .filter((path) => !EXEMPT.includes(path))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));

describe("the glossary", () => {
  it("lists expressions, and there are files to check", () => {
    expect(replaced.length).toBeGreaterThan(30);
    expect(texts.length).toBeGreaterThan(400);
    expect(texts.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["README.md", "functions/edge/route.js", "lib/http/app.ts"]),
    );
  });

  it.each(replaced)("replaces $written everywhere", (expression) => {
    const hits = texts.flatMap(({ path, text }) =>
      hitsIn(text, expression).map(({ line, found }) => `${path}:${line}: ${found}`),
    );
    expect(hits).toEqual([]);
  });
});

describe("the search for replaced expressions", () => {
  const table = (expression: string) => `\n## Replaced expressions\n\n| \`${expression}\` | other words |\n`;
  const found = (expression: string, text: string) =>
    expressionsOf(table(expression)).flatMap((one) => hitsIn(text, one));

  it.each([
    ["a word", String.raw`/\banew\b/i`, "one\nAnew two", 2],
    ["one of two words", String.raw`/\b(mend\|mends)\b/`, "it mends", 1],
    ["words on two lines of prose", "/is no /", "it is\nno tag", 1],
    ["words on two lines of a comment", "/is no /", "/**\n * it is\n * no tag\n */", 2],
    ["words on two lines of line comments", "/is no /", "// it is\n  // no tag", 1],
    ["a word after a quote of the specification", "/lest/", '// MUST: "x"\n// lest', 2],
  ])("finds %s", (_, expression, text, line) => {
    expect(found(expression, text)).toEqual([expect.objectContaining({ line })]);
  });

  it.each([
    ["a longer word", String.raw`/\bTurns\b/`, "Returns, turns"],
    ["an exception", String.raw`/(?<!there )\bis no (?!longer\b)/`, "there is no tag; it is no longer there"],
    ["an exception on two lines", String.raw`/(?<!there )\bis no (?!longer\b)/`, "// there\n// is no tag"],
    ["a quote of the specification", "/lest/", '  // MUST: "one\n  // lest two"\n  // https://…'],
  ])("does not find %s", (_, expression, text) => {
    expect(found(expression, text)).toEqual([]);
  });
});
