/** A pattern in which `*` matches any characters except `/`, and `**` any characters. */
export interface Wildcard {
  readonly text: string;
  readonly parts: readonly Part[];
}

/** One literal character, or a run of any length. */
type Part = { readonly character: string } | { readonly run: "segment" | "everything" };

/** Bounds on the lengths of pattern and text, which bound the matching time. */
const MAX_PATTERN_LENGTH = 512;
const MAX_TEXT_LENGTH = 4096;

/** Parses a pattern. @returns undefined when it is empty or too long, or contains `***` or control characters */
export function parseWildcard(text: string): Wildcard | undefined {
  if (text === "" || text.length > MAX_PATTERN_LENGTH || text.includes("***")) return undefined;
  if (/\p{Cc}/u.test(text)) return undefined;
  return { text, parts: Array.from(text.match(/\*\*|\*|[^*]/g) ?? [], partOf) };
}

function partOf(text: string): Part {
  if (text === "**") return { run: "everything" };
  return text === "*" ? { run: "segment" } : { character: text };
}

/**
 * Returns whether the text matches the pattern. Characters are compared exactly, without case folding or Unicode
 * normalization. All partial matches advance together, so the time is bounded by the product of both lengths.
 */
export function matchesWildcard({ parts }: Wildcard, text: string): boolean {
  if (text.length > MAX_TEXT_LENGTH) return false;
  let reached = withEmptyRuns(parts, [true]);
  for (const character of text.split("")) {
    const next: boolean[] = [false];
    for (const [index, part] of parts.entries()) {
      next[index + 1] =
        "character" in part
          ? reached[index] === true && part.character === character
          : reached[index + 1] === true && (part.run === "everything" || character !== "/");
    }
    reached = withEmptyRuns(parts, next);
  }
  return reached[parts.length] === true;
}

/** Advances each partial match that ends before a run past that run, since a run may be empty. */
function withEmptyRuns(parts: readonly Part[], reached: boolean[]): readonly boolean[] {
  for (const [index, part] of parts.entries()) {
    if ("run" in part && reached[index] === true) reached[index + 1] = true;
  }
  return reached;
}

/** Returns whether the pattern consists of stars only, so that it matches any text, at least within one segment. */
export function matchesAnyText({ parts }: Wildcard): boolean {
  return parts.every((part) => "run" in part);
}

/** Returns the first segment of the pattern; undefined when the segment is empty or contains wildcards. */
export function literalFirstSegment({ text }: Wildcard): string | undefined {
  const [first = ""] = text.split("/", 1);
  return first === "" || first.includes("*") ? undefined : first;
}
