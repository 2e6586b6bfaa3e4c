import type { RepositoryName } from "../../oci/repository-name.ts";
import { MalformedError } from "../malformed-error.ts";
import { matchesList } from "./matches-list.ts";

/**
 * A pattern for repository names: `acme/app`, `acme/*`, `acme/**`. A `*` matches any characters within one segment; a
 * segment `**` matches zero or more segments.
 */
export type RepositoryPattern = string & { readonly repositoryPattern: unique symbol };

const MAX_PATTERN_LENGTH = 255;

/** The characters of repository names, and stars. */
const SEGMENT = /^[a-z0-9._*-]+$/;

/** Parses a repository pattern. @throws MalformedError */
export function parsePattern(text: string): RepositoryPattern {
  if (!isPattern(text)) {
    throw new MalformedError(
      `invalid repository pattern: ${JSON.stringify(text.slice(0, 100))} (use lower-case names such as acme/app, acme/* or acme/**)`,
    );
  }
  return text;
}

/** Returns whether the text is a repository pattern. */
export function isPattern(text: string): text is RepositoryPattern {
  return text.length <= MAX_PATTERN_LENGTH && text.split("/").every(isSegment);
}

function isSegment(segment: string): boolean {
  if (segment === "**") return true;
  return SEGMENT.test(segment) && !segment.includes("**") && !segment.includes("..");
}

/** Returns whether the repository name matches the pattern. */
export function matchesPattern(pattern: RepositoryPattern, name: RepositoryName): boolean {
  return matchesList(pattern.split("/"), name.split("/"), "**", matchesSegment);
}

/** Returns the literal prefix of all names that match the pattern. */
export function literalPrefixOf(pattern: RepositoryPattern): string {
  const [literal = ""] = pattern.split("*", 1);
  // `acme/**` also matches `acme`.
  const isRun = pattern.startsWith("**", literal.length);
  return isRun && literal.endsWith("/") ? literal.slice(0, -1) : literal;
}

/** Returns whether the text matches a pattern in which `*` matches any characters. */
export function matchesSegment(pattern: string, text: string): boolean {
  return matchesList([...pattern], [...text], "*", (a, b) => a === b);
}
