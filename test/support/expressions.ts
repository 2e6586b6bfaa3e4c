/** An expression that the glossary replaces. */
export interface Replaced {
  /** Regular expression as the glossary writes it. */
  readonly written: string;
  readonly pattern: RegExp;
}

/** An occurrence of a replaced expression. */
export interface Hit {
  readonly line: number;
  readonly found: string;
}

const ROW = /^\| `\/(.+)\/(i?)` \| .+ \|$/;
const SPEC_QUOTE = /^ *\/\/ (?:MUST|SHOULD)(?: NOT)?: "(?:.*\n *\/\/ )*?.*"$/gm;

/**
 * Reads the rows of a glossary's table of expressions.
 * @throws SyntaxError when an expression is not a regular expression
 */
export function expressionsOf(glossary: string): readonly Replaced[] {
  const [, table = ""] = glossary.split("\n## Replaced expressions\n");
  return table.split("\n").flatMap((row) => {
    const [, source = "", flags = ""] = ROW.exec(row) ?? [];
    return source === "" ? [] : [{ written: `/${source}/${flags}`, pattern: patternOf(source, flags) }];
  });
}

/** Removes the escapes of a table's cell, and lets a space match the break of a line in prose and in comments. */
function patternOf(source: string, flags: string): RegExp {
  const spaces = String.raw`\s+(?:(?:\*|//|#) +)?`;
  return new RegExp(source.replaceAll("\\|", "|").replaceAll(" ", spaces), `g${flags}`);
}

/** Finds the occurrences of an expression, except those in quotes of the specification. */
export function hitsIn(text: string, { pattern }: Replaced): readonly Hit[] {
  const checked = text.replaceAll(SPEC_QUOTE, (quote) => quote.replaceAll(/[^\n]/g, "_"));
  return [...checked.matchAll(pattern)].map(({ 0: found, index }) => ({
    line: checked.slice(0, index).split("\n").length,
    found: found.replaceAll(/\s+/g, " "),
  }));
}
