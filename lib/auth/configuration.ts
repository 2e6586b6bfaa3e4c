import { type PrincipalName, parseName } from "./grants/subject.ts";
import { MalformedError } from "./malformed-error.ts";

/**
 * The fields of an object that came from a file or a command line.
 * @throws MalformedError when it is none, or has fields of other names
 */
export function fieldsOf(
  value: unknown,
  what: string,
  known: readonly string[],
): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedError(`${what} must be an object`);
  }
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new MalformedError(
      `${what} has no field ${JSON.stringify(unknown[0])}: it has ${known.join(", ")}`,
    );
  }
  return new Map(Object.entries(value));
}

/** @throws MalformedError when it is no list of at least one text, none empty, too long or with control characters */
export function parseTexts(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new MalformedError(`${what} must be a list of at least one text`);
  }
  return value.map((text: unknown) => parseText(text, `each of ${what}`));
}

export function parseText(value: unknown, what: string): string {
  if (typeof value === "string" && value !== "" && value.length <= 512 && !/\p{Cc}/u.test(value))
    return value;
  throw new MalformedError(`${what} must be a text of 1 to 512 characters`);
}

/** The name of a rule, which becomes part of a subject: `oidc:<name>` or `aws:<name>`. */
export function parseRuleName(value: unknown): PrincipalName {
  return parseName(parseText(value, "the name of a rule"));
}

/** A value that came from elsewhere, for a message of one line. */
export function excerptOf(value: unknown): string {
  return lineOf(JSON.stringify(value) ?? String(value));
}

/** A text that came from elsewhere as one line of bounded length, which looks like what it is. */
export function lineOf(text: string): string {
  const printable = text.replace(/[\p{C}\p{Z}]/gu, (character) => (character === " " ? " " : "?"));
  return printable.length <= 120 ? printable : `${printable.slice(0, 119)}…`;
}
