import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readSources } from "../support/imports.ts";

const PAGE = "docs/request-handling.md";
const root = join(import.meta.dirname, "../..");
const page = await readFile(join(root, PAGE), "utf8");
const sources = await readSources("lib/http");

/** Headings of the sections below "Endpoints", as the fragments that GitHub makes of them. */
const [, endpoints = ""] = /^## Endpoints\n(.*?)^## /ms.exec(page) ?? [];
const sections = [...endpoints.matchAll(/^### (.+)$/gm)].map(([, heading = ""]) =>
  heading.toLowerCase().replaceAll(" ", "-"),
);

/** Exported functions whose doc comment links to a section. */
const citations = sources.flatMap(({ text }) =>
  [...text.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\nexport (?:async )?function (\w+)/gs)].flatMap(
    ([, comment = "", name = ""]) =>
      [...comment.matchAll(/docs\/request-handling\.md#([a-z-]+)/g)].map(([, section = ""]) => ({
        name,
        section,
      })),
  ),
);

/** Functions in the table from endpoints to handlers. */
const [, table = ""] =
  /^const HANDLERS\b[^=]*= \{\n(.*?)^\};/ms.exec(
    sources.find(({ path }) => path === "lib/http/app.ts")?.text ?? "",
  ) ?? [];
const handlers = [...table.matchAll(/\b[A-Z]+: (\w+)/g)].map(([, name = ""]) => name);

it("the search finds endpoints, their sections and their handlers", () => {
  expect(sections.length).toBeGreaterThan(14);
  expect(handlers.length).toBeGreaterThan(12);
});

it.each(handlers)("%s cites its section of docs/request-handling.md", (handler) => {
  expect(citations.filter(({ name }) => name === handler)).toHaveLength(1);
});

it.each(sections)("#%s of docs/request-handling.md is cited by one handler", (section) => {
  expect(citations.filter((citation) => citation.section === section)).toHaveLength(1);
});

it("the code cites only sections that docs/request-handling.md has", () => {
  expect(citations.map(({ section }) => section).filter((section) => !sections.includes(section))).toEqual(
    [],
  );
});
