import type { Result } from "../doctor.ts";
import type { Status } from "./finding.ts";

/** Width of the name column in characters. */
const NAME_WIDTH = 16;

/** Formats a result as a table row, followed by its explanation if the check failed or warns. */
export function formatResult(result: Result): string {
  const { name, status, summary, settles } = result;
  const head = `${status.padEnd(8)} ${name.padEnd(NAME_WIDTH)} ${summary}`;
  const details =
    result.status === "failed" || result.status === "warning"
      ? [
          ["expected", result.expected],
          ["actual", result.actual],
          ["likely cause", result.cause],
          ["fix", result.advice],
        ]
      : [];
  const verified = settles === undefined || status === "skipped" ? [] : [["verifies", settles]];
  const lines = [...details, ...(status === "ok" ? [] : verified)].map(
    ([label = "", text]) => `         ${`${label}:`.padEnd(13)} ${text}`,
  );
  return [head, ...lines].join("\n");
}

/** Returns whether a result is listed by `formatBlocked` instead of in a line of its own. */
export function isBlocked(result: Result): boolean {
  return result.status === "skipped" && result.blockedBy !== undefined;
}

/** Formats the checks that could not run, one line for each cause. */
export function formatBlocked(results: readonly Result[]): readonly string[] {
  const names = new Map<string, string[]>();
  for (const result of results) {
    if (result.status !== "skipped" || result.blockedBy === undefined) continue;
    const { name, blockedBy } = result;
    names.set(blockedBy, [...(names.get(blockedBy) ?? []), name]);
  }
  return [...names].map(([blocker, blocked]) => {
    const cause = blocker === "credentials" ? "without credentials" : `because "${blocker}" failed`;
    const count = `${blocked.length} ${blocked.length === 1 ? "check" : "checks"}`;
    return `skipped  ${count} ${cause}: ${blocked.join(", ")}`;
  });
}

/** Formats the number of results of each status. */
export function formatSummary(results: readonly Result[]): string {
  const count = (counted: Status) => results.filter(({ status }) => status === counted).length;
  const warnings = count("warning");
  return `${count("ok")} ok, ${warnings} ${warnings === 1 ? "warning" : "warnings"}, ${count("failed")} failed, ${count("skipped")} skipped`;
}
