/**
 * Returns what the newer program omitted according to its `results.yaml`: disabled switches, and APIs and data sets that it did
 * not try or considers unsupported. A new switch in a later version of the program is reported here.
 */
export function findLeftOut(yaml: string): string[] {
  const found: string[] = [];
  let section = "";
  for (const line of yaml.split("\n")) {
    section = /^(\w+):/.exec(line)?.[1] ?? section;
    const [, name, value] = /^\s+([^:]+): (.+)$/.exec(line) ?? [];
    if (section === "config" && value === "false") found.push(`the switch ${name} is off`);
    if (section !== "config" && value !== undefined && !TRIED.has(value))
      found.push(`${section}: ${name}: ${value}`);
  }
  for (const wanted of ["apis", "data"]) {
    if (!new RegExp(`^${wanted}:\n\\s+\\S`, "m").test(yaml)) found.push(`no ${wanted} in results.yaml`);
  }
  return found;
}

/** Failures are not listed here, since each is reported with its case. */
const TRIED = new Set(["Pass", "FAIL", "Error"]);
