/** What a registry says about how to sign in: https://distribution.github.io/distribution/spec/auth/token/ */
export interface Challenge {
  readonly scheme: "bearer" | "basic";
  readonly parameters: Readonly<Record<string, string>>;
}

const PARAMETER = String.raw`([A-Za-z_]+)\s*=\s*(?:"([^"]*)"|([^\s",]+))`;
const CHALLENGE = new RegExp(String.raw`^(Bearer|Basic)\s+(${PARAMETER}(?:\s*,\s*${PARAMETER})*)\s*$`, "i");

/** Undefined when it is not well-formed, or of a scheme that clients of registries do not know. */
export function readChallenge(text: string): Challenge | undefined {
  const [, scheme = "", list] = CHALLENGE.exec(text.trim()) ?? [];
  if (list === undefined) return undefined;
  const parameters = [...list.matchAll(new RegExp(PARAMETER, "g"))].map(
    ([, name = "", quoted, plain = ""]) => [name.toLowerCase(), quoted ?? plain],
  );
  return {
    scheme: scheme.toLowerCase() === "bearer" ? "bearer" : "basic",
    parameters: Object.fromEntries(parameters),
  };
}
