import type { SourceFile } from "./imports.ts";

/** Statement at the top level in the formatter's layout: only closing brackets are in column 0. */
const STATEMENT = /^(?:export )?(?:const|let|var)\b.*(?:\n(?:[ )\]}].*)?)*/gm;
const NAME = /^(?:export )?(const|let|var)\s+([^:=;]+)/;
const READONLY_TABLE = /^(?:export )?const \w+: Readonly(?:Map|Set)</;
const STATIC_FIELD =
  /^ +(?:(?:private|protected|public) )?static (?:readonly )?(#?\w+)(?::[^=;(]*)?(?: =|;)/gm;
const OWN_CLASS = /^(?:export )?(?:abstract )?class (\w+)/gm;

/** Returns the names of the classes in the files. */
export function classesIn(files: readonly Pick<SourceFile, "text">[]): readonly string[] {
  return files.flatMap(({ text }) => [...text.matchAll(OWN_CLASS)].map(([, name = ""]) => name));
}

/**
 * Finds mutable module state: variables, collections, buffers and objects of own classes. Tables of the type
 * ReadonlyMap or ReadonlySet are allowed.
 * @returns the names
 */
export function mutableState(text: string, classes: readonly string[]): readonly string[] {
  const makesState = new RegExp(
    `\\bnew (?:${["Map", "Set", "WeakMap", "WeakSet", ...classes].join("|")})\\b|\\bBuffer\\.alloc`,
  );
  const variables = [...text.matchAll(STATEMENT)].flatMap(([statement]) => {
    const [, keyword, name = ""] = NAME.exec(statement) ?? [];
    const isFixed =
      keyword === "const" && (READONLY_TABLE.test(statement) || !makesState.test(atLoad(statement)));
    return isFixed ? [] : [name.trim()];
  });
  return [...variables, ...[...text.matchAll(STATIC_FIELD)].map(([, name = ""]) => name)];
}

/** Removes code that runs only when a function is called. */
function atLoad(statement: string): string {
  const arrow = /=>\s*/.exec(statement);
  if (arrow === null) return statement;
  const body = statement.slice(arrow.index + arrow[0].length);
  return `${statement.slice(0, arrow.index)}${atLoad(body.slice(lengthOfBody(body)))}`;
}

/** Returns the length of an arrow function's body, which ends with its block, or at a comma or bracket after its expression. */
function lengthOfBody(body: string): number {
  let depth = 0;
  for (let index = 0; index < body.length; index++) {
    const character = body.charAt(index);
    if (depth === 0 && /[,;)\]}]/.test(character)) return index;
    if (/[([{]/.test(character)) depth++;
    if (/[)\]}]/.test(character)) depth--;
    if (depth === 0 && body.startsWith("{") && character === "}") return index + 1;
  }
  return body.length;
}
