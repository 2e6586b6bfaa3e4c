import { matchesWildcard, type Wildcard } from "../grants/wildcard.ts";

/** The claims of a verified token. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * Returns whether a claim matches the pattern. A string, boolean or integer is matched as text, a list of strings by any of
 * its items. A missing claim, or a claim of another type, does not match.
 */
export function claimMatches(claims: Claims, name: string, pattern: Wildcard): boolean {
  return textsOf(claims, name).some((text) => matchesWildcard(pattern, text));
}

function textsOf(claims: Claims, name: string): readonly string[] {
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (Array.isArray(claim)) return claim.every((text) => typeof text === "string") ? claim : [];
  if (typeof claim === "string") return [claim];
  return typeof claim === "boolean" || Number.isSafeInteger(claim) ? [String(claim)] : [];
}
