/**
 * Finds what the newer program did not test, in its `results.yaml`: switches that were off, and APIs and data sets that it
 * disabled or skipped as unsupported. Detects new switches in a later version of the program.
 */
export function findUntested(yaml: string): string[] {
  const found: string[] = [];
  let section = "";
  for (const line of yaml.split("\n")) {
    section = /^(\w+):/.exec(line)?.[1] ?? section;
    const [, name, value] = /^\s+([^:]+): (.+)$/.exec(line) ?? [];
    if (section === "config" && value === "false") found.push(`the switch ${name} is off`);
    if (section !== "config" && value !== undefined && !TESTED_RESULTS.has(value))
      found.push(`${section}: ${name}: ${value}`);
  }
  for (const required of ["apis", "data"]) {
    if (!new RegExp(`^${required}:\n\\s+\\S`, "m").test(yaml)) found.push(`no ${required} in results.yaml`);
  }
  return found;
}

/** Results of tested APIs and data sets, also failed ones, which are reported with their cases. */
const TESTED_RESULTS = new Set(["Pass", "FAIL", "Error"]);
