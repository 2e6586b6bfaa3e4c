import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
const source = readFileSync(join(ROOT, "lib/cloud/registry-props.ts"), "utf8");
const [, declared = ""] = /export interface RegistryProps \{\n([^}]*)\n\}/.exec(source) ?? [];
const comments = /\/\*\*(?:[^*]|\*(?!\/))*\*\//;
const props = [...declared.matchAll(new RegExp(`(${comments.source})?\\n? +(\\w+) (\\w+)\\??:`, "g"))].map(
  ([, comment = "", modifier = "", name = ""]) => ({ name, comment, modifier }),
);

describe("each prop of the registry", () => {
  it("is listed in the table of docs/deploy.md, which lists no others", () => {
    const [, options = ""] = page.split("\n## Options\n");
    const [table = ""] = options.split("\n## ");
    const rows = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual(props.map(({ name }) => name));
  });

  it("is optional and readonly, and documents its default", () => {
    expect(props.length).toBeGreaterThan(5);
    for (const { name, comment, modifier } of props) {
      expect([name, modifier.trim()]).toEqual([name, "readonly"]);
      expect(comment, name).toContain("@default");
    }
  });
});
