/**
 * Returns whether a list matches a pattern in which a wildcard matches any number of items. Matches greedily and backtracks to
 * the last wildcard only. That suffices, since the last wildcard can match whatever an earlier one could. The number of calls
 * of `isMatch` is bounded by the product of both lengths.
 */
export function matchesList(
  pattern: readonly string[],
  items: readonly string[],
  wildcard: string,
  isMatch: (pattern: string, item: string) => boolean,
): boolean {
  let position = 0;
  let backtrack: { readonly pattern: number; item: number } | undefined;
  for (let item = 0; item < items.length; ) {
    const part = pattern[position];
    if (part === wildcard) {
      position += 1;
      backtrack = { pattern: position, item };
    } else if (part !== undefined && isMatch(part, items[item] ?? "")) {
      position += 1;
      item += 1;
    } else if (backtrack !== undefined) {
      backtrack.item += 1;
      position = backtrack.pattern;
      item = backtrack.item;
    } else {
      return false;
    }
  }
  return pattern.slice(position).every((part) => part === wildcard);
}
