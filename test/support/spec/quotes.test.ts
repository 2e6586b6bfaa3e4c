import { describe, expect, it } from "vitest";
import { quotesIn } from "./quotes.ts";

const A = "https://example.com/a";
const B = "https://example.com/b";

describe("quotes", () => {
  it("are read without comment markers and line breaks", () => {
    const text = `function f() {\n  // MUST: "One MUST\n  // do it."\n  // ${A}\n  work();\n}\n`;
    const quotes = quotesIn(text);
    expect(quotes).toMatchObject([{ keyword: "MUST", sentence: "One MUST do it.", link: A, scope: "f" }]);
    expect(text.slice(quotes[0]?.enforcedAt)).toMatch(/^ {2}work/);
  });

  it("have the link that follows them, even when several sections are quoted", () => {
    const comments = [
      `// MUST: "1"`,
      `// SHOULD NOT: "2"`,
      `// ${A}`,
      "// Deviation: why.",
      `// MUST: "3"`,
      `// ${B}`,
    ];
    const quotes = quotesIn(`${comments.join("\n")}\nconst x = 1;\n`);
    expect(quotes.map(({ keyword, sentence, link }) => [keyword, sentence, link])).toEqual([
      ["MUST", "1", A],
      ["SHOULD NOT", "2", A],
      ["MUST", "3", B],
    ]);
  });

  it("may contain quotation marks and links", () => {
    const text = `// MUST: "Set it to [RFC](https://example.com)\n// with \`rel="next"\`."\n// ${A}\nconst x = 1;\n`;
    expect(quotesIn(text).map(({ sentence }) => sentence)).toEqual([
      'Set it to [RFC](https://example.com) with `rel="next"`.',
    ]);
  });

  it("have no link when none follows", () => {
    expect(quotesIn('// MUST: "1"\nconst x = 1;\n')).toMatchObject([{ sentence: "1", link: "" }]);
  });

  it.each<[string, string, string]>([
    ["a constant below", "Q\nexport const LIMIT = 1;\n", "LIMIT"],
    ["a function above", "export async function f(\n) {\n  if (x) {\n    Q\n    work();\n  }\n}\n", "f"],
    ["a generator", "async function* g() {\n  Q\n  yield 1;\n}\n", "g"],
    ["a method", "class C {\n  async m() {\n    Q\n    work();\n  }\n}\n", "m"],
    ["a private method", "class C {\n  #m(a: B): C {\n    Q\n    work();\n  }\n}\n", "#m"],
    ["a class, for its constructor", "class C {\n  constructor() {\n    Q\n    work();\n  }\n}\n", "C"],
  ])("name the declaration that holds the line below: %s", (_, text, scope) => {
    const quoted = text.replace(/^( *)Q$/m, `$1// MUST: "1"\n$1// ${A}`);
    expect(quotesIn(quoted)).toMatchObject([{ sentence: "1", scope }]);
  });
});
