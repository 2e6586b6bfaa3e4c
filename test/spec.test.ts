import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSources } from "./support/imports.ts";
import { clausesOf, fragmentOf, SPEC_URL } from "./support/spec/clauses.ts";
import { quotesIn } from "./support/spec/quotes.ts";

const ROOT = join(import.meta.dirname, "..");
const page = await readFile(join(ROOT, "docs/spec.md"), "utf8");
const clauses = clausesOf(page);
const sources = (await Promise.all(["bin", "functions", "lib"].map(readSources))).flat();
const quotes = sources.flatMap(({ path, text }) => quotesIn(text).map((quote) => ({ path, ...quote })));

/** Sources and pages that may link to the specification, except this test. */
const documents = (await readdir(join(ROOT, "docs"), { recursive: true })).filter((name) =>
  name.endsWith(".md"),
);
const pages = ["README.md", "CONTRIBUTING.md", ...documents.map((name) => join("docs", name))];
const linking = [
  ...sources,
  ...(await readSources("test")).filter(({ path }) => !path.startsWith("test/spec")),
  ...(await Promise.all(
    pages.map(async (path) => ({ path, text: await readFile(join(ROOT, path), "utf8") })),
  )),
];

/** Headings of the specification, as docs/spec.md lists them. */
const [, headingList = ""] = page.split("\n## Headings of the spec\n");
const headings = [...headingList.matchAll(/^- \[(.+)\]\((.+)\)$/gm)].map(([, heading = "", link = ""]) => ({
  heading,
  link,
}));
const anchors = headings.map(({ heading }) => fragmentOf(heading));

/** Returns the identity of a row or a quote. */
const keyOf = (file: string, scope: string, anchor: string, sentence: string) =>
  [file, scope, anchor, sentence].join(" | ");
const rowKeys = clauses.flatMap(({ anchor, sentence, enforcement }) =>
  enforcement === undefined ? [] : [keyOf(enforcement.file, enforcement.scope, anchor, sentence)],
);
const quoteKeys = quotes.map(({ path, scope, link, sentence }) =>
  keyOf(path, scope, link.slice(`${SPEC_URL}#`.length), sentence),
);

describe("docs/spec.md", () => {
  it("lists sentences that the code quotes", () => {
    expect(clauses.length).toBeGreaterThan(90);
    expect(quotes.length).toBeGreaterThan(80);
    expect(headings.length).toBeGreaterThan(40);
    expect(page.match(/^\| (?!sentence \|)/gm)).toHaveLength(clauses.length);
  });

  it("lists no sentence of a section twice for one function", () => {
    expect(rowKeys).toEqual([...new Set(rowKeys)]);
  });

  it("has a keyword of RFC 2119 in each sentence", () => {
    expect(clauses.filter(({ sentence }) => !/\b(MUST|SHOULD)\b/.test(sentence))).toEqual([]);
  });

  it("explains each sentence without enforcement", () => {
    const unexplained = clauses.filter(
      ({ enforcement, note }) => enforcement === undefined && !/^Does not apply: ./.test(note),
    );
    expect(unexplained).toEqual([]);
  });

  it("links to headings of the specification by their fragments on GitHub", () => {
    expect(headings.map(({ link }) => link)).toEqual(anchors.map((anchor) => `${SPEC_URL}#${anchor}`));
    expect(clauses.map(({ anchor }) => anchor).filter((anchor) => !anchors.includes(anchor))).toEqual([]);
  });
});

describe("quotes of the specification", () => {
  it("are those that docs/spec.md lists, in the functions that it names", () => {
    expect([...quoteKeys].sort()).toEqual([...rowKeys].sort());
  });

  it("name the keyword of the sentence", () => {
    const wrong = quotes.filter(
      ({ keyword, sentence }) => /\b(?:MUST|SHOULD)(?: NOT)?\b/.exec(sentence)?.[0] !== keyword,
    );
    expect(wrong).toEqual([]);
  });
});

describe("links to the specification", () => {
  it("are pinned, and have the fragments of headings in docs/spec.md", () => {
    const allowed = new Set([SPEC_URL, ...anchors.map((anchor) => `${SPEC_URL}#${anchor}`)]);
    const links = linking.flatMap(({ path, text }) =>
      [
        ...text.matchAll(
          /https:\/\/github\.com\/opencontainers\/distribution-spec\/\S*?(?=[)"'`,;]|[.:]?\s)/g,
        ),
      ].map(([link]) => ({ path, link })),
    );
    expect(links.length).toBeGreaterThan(80);
    expect(links.filter(({ link }) => !allowed.has(link))).toEqual([]);
  });

  it("are written in full", () => {
    const short = linking.filter(({ text }) => /(?<!v1\.1\.1\/|docs\/|\]\(|\[)spec\.md#/.test(text));
    expect(short.map(({ path }) => path)).toEqual([]);
  });
});

describe("tests of sentences", () => {
  it("are in the files that docs/spec.md names", async () => {
    const named = clauses.flatMap(({ enforcement }) => (enforcement === undefined ? [] : [enforcement]));
    const texts = new Map(
      await Promise.all(
        [...new Set(named.map(({ testFile }) => testFile))].map(
          async (path) => [path, await readFile(join(ROOT, path), "utf8")] as const,
        ),
      ),
    );
    const missing = named.filter(
      ({ testFile, testTitle }) => !texts.get(testFile)?.includes(JSON.stringify(testTitle)),
    );
    expect(missing).toEqual([]);
  });
});
