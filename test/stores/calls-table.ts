import type { Calls } from "./counting.ts";
import { priceOf } from "./prices.ts";

/** Markdown: a row for each kind of call, a column for each scenario. */
export function callsTable(scenarios: Readonly<Record<string, Calls>>): string {
  const columns = Object.values(scenarios);
  const kinds = [...new Set(columns.flatMap(({ kinds }) => kinds))].sort();
  const count = (number: number) => (number === 0 ? "" : String(number));
  const rows = [
    ["", ...Object.keys(scenarios)],
    ["---", ...columns.map(() => "--:")],
    ...kinds.map((kind) => [kind, ...columns.map((calls) => count(calls.count(kind)))]),
    ["DynamoDB read units", ...columns.map(({ reads }) => count(reads))],
    ["DynamoDB write units", ...columns.map(({ writes }) => count(writes))],
    ["**a thousand of them**", ...columns.map((calls) => `**$${(1000 * priceOf(calls)).toFixed(2)}**`)],
  ];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
