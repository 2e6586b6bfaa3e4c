export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}

export function expectAll(what: string, actual: ReadonlySet<string>, expected: Iterable<string>): void {
  const missing = [...expected].filter((item) => !actual.has(item));
  if (missing.length === 0) return;
  throw new Error(`${what}: ${missing.join(", ")} missing among ${[...actual].join(", ") || "nothing"}`);
}

/** The first group of the pattern in a program's output. */
export function find(pattern: RegExp, output: string): string {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`nothing in the output matches ${pattern}: ${output.trim()}`);
  return found;
}
