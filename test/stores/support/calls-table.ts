import { priceOf } from "../../../bench/prices.ts";
import type { Calls } from "./counting.ts";

/** Returns a Markdown table with a row for each kind of call, and a column for each scenario. */
export function callsTable(scenarios: Readonly<Record<string, Calls>>): string {
  const columns = Object.values(scenarios);
  const kinds = [...new Set(columns.flatMap(({ kinds }) => kinds))].sort();
  return toMarkdown([
    ["", ...Object.keys(scenarios)],
    ["---", ...columns.map(() => "--:")],
    ...kinds.map((kind) => [kind, ...columns.map((calls) => unlessZero(calls.count(kind)))]),
    ["DynamoDB read units", ...columns.map(({ reads }) => unlessZero(reads))],
    ["DynamoDB write units", ...columns.map(({ writes }) => unlessZero(writes))],
    ["**price per thousand**", ...columns.map((calls) => `**$${(1000 * priceOf(calls)).toFixed(2)}**`)],
  ]);
}

/** Returns a Markdown table with a row for each request. */
export function requestsTable(requests: ReadonlyMap<string, Calls>): string {
  return toMarkdown([
    ["request", "DynamoDB", "read units", "write units", "S3"],
    ["---", "---", "--:", "--:", "---"],
    ...[...requests].map(([request, calls]) => [
      request,
      ofService(calls, "DynamoDB "),
      unlessZero(calls.reads),
      unlessZero(calls.writes),
      ofService(calls, "S3 "),
    ]),
  ]);
}

function ofService(calls: Calls, prefix: string): string {
  return calls.kinds
    .filter((kind) => kind.startsWith(prefix))
    .map((kind) => ({ name: kind.slice(prefix.length), count: calls.count(kind) }))
    .map(({ name, count }) => (count === 1 ? name : `${count} ${name}`))
    .join(", ");
}

function unlessZero(number: number): string {
  return number === 0 ? "" : String(number);
}

function toMarkdown(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
