/** @throws Error unless both values are the same. @param what subject of the message */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}

/** @throws Error unless the set contains all expected values. @param what subject of the message */
export function expectAll(what: string, actual: ReadonlySet<string>, expected: Iterable<string>): void {
  const missing = [...expected].filter((item) => !actual.has(item));
  if (missing.length === 0) return;
  throw new Error(`${what}: missing ${missing.join(", ")}, got ${[...actual].join(", ") || "none"}`);
}

/** Returns the first group of a pattern in a program's output. @throws Error without a match */
export function extractMatch(pattern: RegExp, output: string): string {
  const match = pattern.exec(output)?.[1];
  if (match === undefined) throw new Error(`output does not match ${pattern}: ${output.trim()}`);
  return match;
}
