import { matchesWildcard, type Wildcard } from "../grants/wildcard.ts";

/** What a verified token says. */
export type Claims = Readonly<Record<string, unknown>>;

/** A list matches if one of its texts does; what is neither a text nor like one matches nothing. */
export function claimMatches(claims: Claims, name: string, pattern: Wildcard): boolean {
  return textsOf(claims, name).some((text) => matchesWildcard(pattern, text));
}

function textsOf(claims: Claims, name: string): readonly string[] {
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (Array.isArray(claim)) return claim.every((text) => typeof text === "string") ? claim : [];
  if (typeof claim === "string") return [claim];
  return typeof claim === "boolean" || Number.isSafeInteger(claim) ? [String(claim)] : [];
}
