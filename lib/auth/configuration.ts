import { type AccountName, parseName } from "./grants/grantee.ts";
import { MalformedError } from "./malformed-error.ts";

/**
 * Returns the fields of an object from a file or a command line.
 * @param label names the object in messages: "a grant"
 * @throws MalformedError when the value is not an object, or has an unknown field
 */
export function fieldsOf(
  value: unknown,
  label: string,
  known: readonly string[],
): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedError(`${label} must be an object`);
  }
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new MalformedError(
      `unknown field ${JSON.stringify(unknown[0])} in ${label}: the allowed fields are ${known.join(", ")}`,
    );
  }
  return new Map(Object.entries(value));
}

/**
 * Parses a non-empty list of strings, each with `parseText`.
 * @param label names the list in messages
 * @throws MalformedError
 */
export function parseTexts(value: unknown, label: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new MalformedError(`${label} must be a list of at least one string`);
  }
  return value.map((text: unknown) => parseText(text, `each item of ${label}`));
}

/**
 * Parses a string of 1 to 512 characters without control characters.
 * @param label names the value in messages
 * @throws MalformedError
 */
export function parseText(value: unknown, label: string): string {
  if (typeof value === "string" && value !== "" && value.length <= 512 && !/\p{Cc}/u.test(value))
    return value;
  throw new MalformedError(`${label} must be a string of 1 to 512 characters`);
}

/** Parses the name of a rule, which becomes part of a grantee: `oidc:<name>` or `aws:<name>`. @throws MalformedError */
export function parseRuleName(value: unknown): AccountName {
  return parseName(parseText(value, "the name of a rule"));
}

/** Formats an untrusted value as one line of at most 120 characters, for messages. */
export function excerptOf(value: unknown): string {
  return toSingleLine(JSON.stringify(value) ?? String(value));
}

/** Formats an untrusted string as one line of at most 120 characters; invisible and control characters become `?`. */
export function toSingleLine(text: string): string {
  const printable = text.replace(/[\p{C}\p{Z}]/gu, (character) => (character === " " ? " " : "?"));
  return printable.length <= 120 ? printable : `${printable.slice(0, 119)}…`;
}
