import type { Result } from "../doctor.ts";
import type { Status } from "./finding.ts";

/** Width of the column of names in characters. */
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

/** Formats the number of results of each status. */
export function formatSummary(results: readonly Result[]): string {
  const count = (counted: Status) => results.filter(({ status }) => status === counted).length;
  const warnings = count("warning");
  return `${count("ok")} ok, ${warnings} ${warnings === 1 ? "warning" : "warnings"}, ${count("failed")} failed, ${count("skipped")} skipped`;
}
