import type { RepositoryName } from "../../oci/repository-name.ts";
import { MalformedError } from "../malformed-error.ts";

/**
 * Repositories by their names: `acme/app`, `acme/*`, `acme/**`. A `*` stands for any characters of one segment, a
 * segment `**` for any number of segments, none included.
 */
export type RepositoryPattern = string & { readonly repositoryPattern: unique symbol };

const MAX_LENGTH = 255;

/** Each part of a segment between its stars has only characters that a repository's name can have. */
const SEGMENT = /^[a-z0-9._*-]+$/;

/** @throws MalformedError */
export function parsePattern(text: string): RepositoryPattern {
  if (!isPattern(text)) {
    throw new MalformedError(
      `not a repository pattern: ${JSON.stringify(text.slice(0, 100))} (names in lower case such as acme/app, acme/* or acme/**)`,
    );
  }
  return text;
}

export function isPattern(text: string): text is RepositoryPattern {
  return text.length <= MAX_LENGTH && text.split("/").every(isSegment);
}

function isSegment(segment: string): boolean {
  if (segment === "**") return true;
  return SEGMENT.test(segment) && !segment.includes("**") && !segment.includes("..");
}

export function matches(pattern: RepositoryPattern, name: RepositoryName): boolean {
  return matchesList(pattern.split("/"), name.split("/"), "**", matchesSegment);
}

/** Whether text is what a pattern says in which `*` stands for any characters. */
function matchesSegment(pattern: string, text: string): boolean {
  return matchesList([...pattern], [...text], "*", (a, b) => a === b);
}

/**
 * Greedy, going back to the last wildcard alone, which is enough: what an earlier one could take, the last one can as
 * well. So it takes at most as many steps as the product of both lengths.
 */
function matchesList(
  pattern: readonly string[],
  items: readonly string[],
  wildcard: string,
  isMatch: (pattern: string, item: string) => boolean,
): boolean {
  let at = 0;
  let retry: { readonly pattern: number; item: number } | undefined;
  for (let item = 0; item < items.length; ) {
    const part = pattern[at];
    if (part === wildcard) {
      at += 1;
      retry = { pattern: at, item };
    } else if (part !== undefined && isMatch(part, items[item] ?? "")) {
      at += 1;
      item += 1;
    } else if (retry !== undefined) {
      retry.item += 1;
      at = retry.pattern;
      item = retry.item;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((part) => part === wildcard);
}
