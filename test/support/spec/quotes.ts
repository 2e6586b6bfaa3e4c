/** A sentence of the specification that a comment quotes. */
export interface Quote {
  /** Keyword that the comment puts before the sentence. */
  readonly keyword: string;
  readonly sentence: string;
  /** Link of the comment to the section, as written; empty when there is none. */
  readonly link: string;
  /** Name of the innermost declaration that holds the line directly below, or is it. */
  readonly scope: string;
  /** Offset in the file of the line directly below, which enforces the sentence. */
  readonly enforcedAt: number;
}

type Words = Pick<Quote, "keyword" | "sentence" | "link">;

const COMMENTS = /(?:^ *\/\/ .*\n)+/gm;
const BEGINNING = /^((?:MUST|SHOULD)(?: NOT)?): "(.*)$/;

/** Finds the quotes of a source file: lines of the form `// MUST: "…"`, one or more, and then the link to their section. */
export function quotesIn(text: string): readonly Quote[] {
  return [...text.matchAll(COMMENTS)].flatMap(({ 0: comments, index }) => {
    const enforcedAt = index + comments.length;
    const scope = scopeAt(text, enforcedAt);
    return wordsOf(comments).map((words) => ({ ...words, scope, enforcedAt }));
  });
}

function wordsOf(comments: string): readonly Words[] {
  const quotes: Words[] = [];
  for (const line of comments.trimEnd().split("\n").map(withoutMarker)) {
    const [, keyword, beginning] = BEGINNING.exec(line) ?? [];
    const last = quotes.at(-1);
    if (keyword !== undefined && beginning !== undefined) {
      quotes.push({ keyword, sentence: beginning, link: "" });
    } else if (line.startsWith("https:")) {
      for (const quote of quotes.splice(0)) quotes.push(quote.link === "" ? { ...quote, link: line } : quote);
    } else if (last?.link === "") {
      quotes.splice(-1, 1, { ...last, sentence: `${last.sentence} ${line}` });
    }
  }
  return quotes.map((quote) => ({ ...quote, sentence: quote.sentence.replace(/"$/, "") }));
}

function withoutMarker(line: string): string {
  return line.replace(/^ *\/\/ /, "");
}

const DECLARATION =
  /^(?:export )?(?:async )?(?:function\*? |const |class |interface )(\w+)|^ {2}(?:static |async )*(?!if\b|for\b|while\b|switch\b|constructor\b)(#?\w+)(?:<.*>)?\(.*\{$/gm;

/** Returns the declaration that contains the line at an offset, based on the formatter's layout. */
function scopeAt(text: string, offset: number): string {
  const above = text.slice(0, text.indexOf("\n", offset));
  const [, declared, method] = [...above.matchAll(DECLARATION)].at(-1) ?? [];
  return declared ?? method ?? "";
}
