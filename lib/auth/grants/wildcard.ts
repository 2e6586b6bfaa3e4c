/** A text in which `*` stands for any characters but `/`, and `**` for any characters at all. */
export interface Wildcard {
  readonly text: string;
  readonly parts: readonly Part[];
}

/** One character as it is, or a run of any length. */
type Part = { readonly character: string } | { readonly run: "segment" | "everything" };

/** What is compared is bounded, so that the time that it takes is. */
const MAX_PATTERN = 512;
const MAX_TEXT = 4096;

/** Undefined when it is no pattern: empty, too long, of three stars in a row, or with control characters. */
export function parseWildcard(text: string): Wildcard | undefined {
  if (text === "" || text.length > MAX_PATTERN || text.includes("***")) return undefined;
  if (/\p{Cc}/u.test(text)) return undefined;
  return { text, parts: Array.from(text.match(/\*\*|\*|[^*]/g) ?? [], partOf) };
}

function partOf(text: string): Part {
  if (text === "**") return { run: "everything" };
  return text === "*" ? { run: "segment" } : { character: text };
}

/**
 * Characters are compared as they are: neither case nor Unicode's forms are evened out. All ways to match are followed
 * at once, so the time is the product of both lengths at most.
 */
export function matchesWildcard({ parts }: Wildcard, text: string): boolean {
  if (text.length > MAX_TEXT) return false;
  let reached = withEmptyRuns(parts, [true]);
  for (const character of text.split("")) {
    const next: boolean[] = [false];
    for (const [at, part] of parts.entries()) {
      next[at + 1] =
        "character" in part
          ? reached[at] === true && part.character === character
          : reached[at + 1] === true && (part.run === "everything" || character !== "/");
    }
    reached = withEmptyRuns(parts, next);
  }
  return reached[parts.length] === true;
}

/** Whoever is before a run is behind it as well, since it may be empty. */
function withEmptyRuns(parts: readonly Part[], reached: boolean[]): readonly boolean[] {
  for (const [at, part] of parts.entries()) {
    if ("run" in part && reached[at] === true) reached[at + 1] = true;
  }
  return reached;
}

/** Whether it matches whatever there may be, at least within one segment. */
export function matchesAnything({ parts }: Wildcard): boolean {
  return parts.every((part) => "run" in part);
}

/** The text before the first `/` or, if there is none, all of it; undefined when that has wildcards. */
export function literalBeginning({ text }: Wildcard): string | undefined {
  const [beginning = ""] = text.split("/", 1);
  return beginning === "" || beginning.includes("*") ? undefined : beginning;
}
