/** The specification that the code quotes, at the version that it implements. */
export const SPEC_URL = "https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md";

/** A sentence of the specification that binds a registry, as docs/spec.md lists it. */
export interface Clause {
  /** Section of the specification, as the fragment of a link to it. */
  readonly anchor: string;
  readonly sentence: string;
  /** Code that enforces it and its test; undefined where the note reports the reason for having none. */
  readonly enforcement: Enforcement | undefined;
  readonly note: string;
}

interface Enforcement {
  readonly file: string;
  /** Function, method, class or constant of the file that holds the quote. */
  readonly scope: string;
  readonly testFile: string;
  readonly testTitle: string;
}

const SECTION = /^## (.+)\n\n\[spec\.md#[^\]]+\]\(([^)]+)\)\n\n\| sentence .*\n\|---.*\n((?:\|.*\n)+)/gm;
const ENFORCED_BY = /^`([^`]+)` `([^`]+)`$/;
const TEST = /^`([^`]+)`: (.+)$/;

/** Reads the tables of docs/spec.md. @throws Error when a section or a row is not of their form */
export function clausesOf(page: string): readonly Clause[] {
  return [...page.matchAll(SECTION)].flatMap(([, heading = "", link = "", rows = ""]) => {
    const anchor = fragmentOf(heading);
    if (link !== `${SPEC_URL}#${anchor}`) throw new Error(`docs/spec.md has a wrong link below "${heading}"`);
    return rows
      .trimEnd()
      .split("\n")
      .map((row) => toClause(anchor, row));
  });
}

function toClause(anchor: string, row: string): Clause {
  const [sentence = "", enforcedBy = "", test = "", note = "", ...more] = row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
  if (sentence === "" || more.length > 0) throw new Error(`docs/spec.md has a malformed row: ${row}`);
  if (enforcedBy === "—" && test === "—") return { anchor, sentence, enforcement: undefined, note };
  const [, file, scope] = ENFORCED_BY.exec(enforcedBy) ?? [];
  const [, testFile, testTitle] = TEST.exec(test) ?? [];
  if (file === undefined || scope === undefined || testFile === undefined || testTitle === undefined) {
    throw new Error(`docs/spec.md has a malformed row: ${row}`);
  }
  return { anchor, sentence, enforcement: { file, scope, testFile, testTitle }, note };
}

/** Returns the fragment that GitHub generates for a heading. */
export function fragmentOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
