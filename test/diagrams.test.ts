import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { diagramsOf, renderDiagram } from "../docs/diagrams/diagrams.ts";

const ROOT = join(import.meta.dirname, "..");
const pages = ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT })];
const diagrams = pages.flatMap((page) => diagramsOf(page, readFileSync(join(ROOT, page), "utf8")));

describe("the diagrams of the documentation", () => {
  it("show the architecture, both forms of push, the pull, the sign-in and the deletion", () => {
    expect(diagrams.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "README-architecture",
        "architecture-on-aws",
        "architecture-how-a-blob-becomes-visible",
        "architecture-how-a-blob-becomes-visible-2",
        "architecture-removal",
        "storage-pulls",
        "access-how-it-works",
      ]),
    );
  });

  it.each(diagrams)("render to an SVG that loads nothing from other hosts: $name", (diagram) => {
    const svg = renderDiagram(diagram);
    expect(svg).toMatch(/^<svg [\s\S]*<text[\s\S]*<\/svg>\s*$/);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|@import/);
  });

  it("have unique names", () => {
    expect(new Set(diagrams.map(({ name }) => name)).size).toBe(diagrams.length);
  });
});

describe("the renderer", () => {
  it("names the diagram that is malformed", () => {
    const malformed = { name: "page-heading", source: "no diagram\n" };
    expect(() => renderDiagram(malformed)).toThrow("diagram page-heading is malformed");
  });

  it("numbers the diagrams below one heading", () => {
    const block = "```mermaid\nflowchart LR\n  a --> b\n```\n";
    const page = `# One\n\n${block}\n${block}\n## Two words\n\n${block}`;
    expect(diagramsOf("docs/page.md", page).map(({ name }) => name)).toEqual([
      "page-one",
      "page-one-2",
      "page-two-words",
    ]);
  });
});
