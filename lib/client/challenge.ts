/**
 * An authentication challenge: the parsed value of a `WWW-Authenticate` header.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export interface Challenge {
  readonly scheme: "bearer" | "basic";
  readonly parameters: Readonly<Record<string, string>>;
}

const PARAMETER_PATTERN = String.raw`([A-Za-z_]+)\s*=\s*(?:"([^"]*)"|([^\s",]+))`;
const CHALLENGE_PATTERN = new RegExp(
  String.raw`^(Bearer|Basic)\s+(${PARAMETER_PATTERN}(?:\s*,\s*${PARAMETER_PATTERN})*)\s*$`,
  "i",
);

/**
 * Parses the value of a `WWW-Authenticate` header.
 * @returns undefined if the value is malformed or its scheme is neither Bearer nor Basic
 */
export function readChallenge(text: string): Challenge | undefined {
  const [, scheme = "", list] = CHALLENGE_PATTERN.exec(text.trim()) ?? [];
  if (list === undefined) return undefined;
  const parameters = [...list.matchAll(new RegExp(PARAMETER_PATTERN, "g"))].map(
    ([, name = "", quoted, plain = ""]) => [name.toLowerCase(), quoted ?? plain],
  );
  return {
    scheme: scheme.toLowerCase() === "bearer" ? "bearer" : "basic",
    parameters: Object.fromEntries(parameters),
  };
}
