/** A character that sorts after all characters allowed in repository names. */
const LAST_CHARACTER = "~";

/** Name prefixes, none of which begins with another. */
export class PrefixList {
  readonly #prefixes: readonly string[];

  constructor(prefixes: readonly string[]) {
    const kept: string[] = [];
    for (const prefix of prefixes.toSorted(compare)) {
      const last = kept.at(-1);
      if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
    }
    this.#prefixes = kept;
  }

  /**
   * Skips names that begin with none of the prefixes.
   * @param after a name, or an empty text for the beginning of the list
   * @returns a text that precedes the next name with a prefix; undefined when there can be none
   */
  seek(after: string): string | undefined {
    const next = this.#firstBeyond(after);
    const current = this.#prefixes[next - 1];
    if (current !== undefined && after.startsWith(current)) return after;
    const prefix = this.#prefixes[next];
    return prefix === undefined ? undefined : textBefore(prefix);
  }

  /** Returns the index of the first prefix that is greater than the text (binary search). */
  #firstBeyond(text: string): number {
    let [low, high] = [0, this.#prefixes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#prefixes[middle] ?? "", text) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Returns a text that sorts after all names that precede the prefix, and before all names that begin with it. */
function textBefore(prefix: string): string {
  const last = prefix.length - 1;
  return `${prefix.slice(0, last)}${String.fromCharCode(prefix.charCodeAt(last) - 1)}${LAST_CHARACTER}`;
}

/** Compares ASCII texts by their bytes. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
