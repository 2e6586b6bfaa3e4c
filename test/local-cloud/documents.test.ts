import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = /https:\/\/docs\.aws\.amazon\.com\/[\w./-]+\.html/g;

const [, rest = ""] = readFileSync(join(ROOT, "docs/limits.md"), "utf8").split(
  "\n## Behaviour of the emulators\n",
);
const [section = ""] = rest.split("\n## ");
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| behaviour "))
  .map((line) => line.split(" | ").map((cell) => cell.replaceAll("|", "").trim()));

const files = readdirSync(join(ROOT, "local-cloud"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join(ROOT, "local-cloud", name), "utf8") }));

/** Folders of emulators, each file of which reproduces behaviour of AWS, except these. */
const STAND_IN = /^(api-gateway|cloudfront|iam|lambda|web-function)\//;
const OWN = ["iam/call.ts", "iam/guard.ts", "lambda/messages.ts"];

function pagesIn(text: string): readonly string[] {
  return [...text.matchAll(PAGE)].map(([page]) => page);
}

describe("the table of the behaviour of the emulators", () => {
  it("lists exactly the AWS pages that the local cloud cites", () => {
    const cited = new Set(files.flatMap(({ text }) => pagesIn(text)));
    const documented = new Set(rows.flatMap(([, page = ""]) => pagesIn(page)));
    expect(cited.size).toBeGreaterThan(25);
    expect([...documented].sort()).toEqual([...cited].sort());
  });

  it.each(rows)("states a page, whether it was verified, and the check: %s", (...cells) => {
    const [, page = "", verified = "", check = ""] = cells;
    expect(cells).toHaveLength(4);
    expect(pagesIn(page)).toHaveLength(1);
    expect(verified).toMatch(/^(yes|no)$/);
    expect(check).toMatch(/^(none|`[a-z-]+`(, `[a-z-]+`)*)$/);
  });
});

it.each(files.filter(({ name }) => STAND_IN.test(name) && !OWN.includes(name)))(
  "local-cloud/$name cites the page that it follows",
  ({ text }) => {
    expect(pagesIn(text).length).toBeGreaterThan(0);
  },
);
