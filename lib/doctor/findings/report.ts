import type { Result } from "../doctor.ts";
import type { Status } from "./finding.ts";

const NAME_WIDTH = 16;

/** A result as lines of a table, with all that is to be known about it when it is not well. */
export function linesOf(result: Result): string {
  const { name, status, summary, settles } = result;
  const head = `${status.padEnd(8)} ${name.padEnd(NAME_WIDTH)} ${summary}`;
  const details =
    result.status === "failed" || result.status === "warning"
      ? [
          ["expected", result.expected],
          ["came", result.came],
          ["cause", result.cause],
          ["do", result.advice],
        ]
      : [];
  const settled = settles === undefined || status === "skipped" ? [] : [["settles", settles]];
  const lines = [...details, ...(status === "ok" ? [] : settled)].map(
    ([label = "", text]) => `         ${`${label}:`.padEnd(10)} ${text}`,
  );
  return [head, ...lines].join("\n");
}

export function summaryLine(results: readonly Result[]): string {
  const count = (wanted: Status) => results.filter(({ status }) => status === wanted).length;
  const warnings = count("warning");
  return `${count("ok")} ok, ${warnings} ${warnings === 1 ? "warning" : "warnings"}, ${count("failed")} failed, ${count("skipped")} skipped`;
}
