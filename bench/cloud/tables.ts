import { PRICES } from "../price-list.ts";
import type { ColdStart } from "./cold-start.ts";
import { MONTHS, ownMonth, PEERS } from "./peers.ts";
import { COMPONENTS, type Costs, type Counts, costsOf, directCostsOf, totalOf } from "./prices.ts";

/** Returns the tables of counts and costs in docs/performance.md. */
export function costTables(rows: readonly Counts[]): readonly string[] {
  return [
    countTable(rows),
    componentTable(rows),
    directTable(rows),
    monthTable(rows),
    peerTable(rows),
    priceTable(),
  ];
}

function countTable(rows: readonly Counts[]): string {
  return table(
    [
      "",
      "event invocations",
      "their billed ms",
      "web function requests",
      "its billed ms",
      "DynamoDB calls",
      "S3 calls",
      "MB uploaded",
    ],
    rows.map((it) => [
      it.title,
      ...[it.eventInvocations, it.eventMs, it.webRequests, it.webMs, it.dynamoCalls].map(rounded),
      rounded(Object.values(it.s3).reduce((total, count) => total + count, 0)),
      rounded(it.uploadedBytes / 1e6),
    ]),
  );
}

/** Returns the costs of a thousand requests in dollars, by component. */
function componentTable(rows: readonly Counts[]): string {
  const lines = rows.map((row) => {
    const costs = costsOf(row);
    const all = [...COMPONENTS.map((name) => costs[name]), totalOf(costs)];
    return [row.title, ...all.map((value) => `$${(value * 1000).toFixed(4)}`)];
  });
  return table(["a thousand", ...COMPONENTS, "total"], lines);
}

/** Returns the costs of a thousand pushes in dollars, through CloudFront and at the web function's own hostname. */
function directTable(rows: readonly Counts[]): string {
  const names = COMPONENTS.filter((name) => rows.some((row) => directCostsOf(row)[name] > 0));
  const lines = rows
    .filter(({ uploadedBytes }) => uploadedBytes > 0)
    .map((row) => {
      const costs = directCostsOf(row);
      const all = [...names.map((name) => costs[name]), totalOf(costs), totalOf(costsOf(row))];
      return [row.title, ...all.map((value) => `$${(value * 1000).toFixed(4)}`)];
    });
  return table(["a thousand direct", ...names, "total", "through CloudFront"], lines);
}

/** Returns the costs of a month in dollars, by component. */
function monthTable(rows: readonly Counts[]): string {
  const lines = months(rows).map(({ title, storage, costs }) => [
    title,
    ...[storage, ...COMPONENTS.map((name) => costs[name]), storage + totalOf(costs)].map(dollars),
  ]);
  return table(["a month", "S3 storage", ...COMPONENTS, "total"], lines);
}

/** Returns the costs of a month in dollars, for dockless and its peers. */
function peerTable(rows: readonly Counts[]): string {
  const lines = months(rows).map(({ storage, costs, ...month }) => [
    month.title,
    ...[storage + totalOf(costs), ...PEERS.map((peer) => peer.price(month))].map(dollars),
  ]);
  const head = ["a month", "dockless", ...PEERS.map(({ title }) => title)];
  return `${table(head, lines)}\n${PEERS.map(({ says }) => `- ${says}.\n`).join("")}`;
}

function priceTable(): string {
  return table(
    ["price", "dollars", "for a", "source"],
    Object.values(PRICES).map(({ what, dollars: price, unit, source }) => [
      what,
      String(price),
      unit,
      source,
    ]),
  );
}

function months(rows: readonly Counts[]) {
  const of = (title: string): Costs => {
    const row = rows.find((it) => it.title === title);
    if (row === undefined) throw new Error(`not measured: ${title}`);
    return costsOf(row);
  };
  const [push, pull] = [of("push of ten layers by PUT"), of("pull of ten layers")];
  return MONTHS.map((month) => ({ ...month, ...ownMonth(month, push, pull) }));
}

export function coldStartTable(starts: readonly ColdStart[]): string {
  return table(
    ["first response after a cold start, ms", "bundle", "empty one", "ratio of medians", "of the quickest"],
    starts.map(({ title, bundle, empty }) => [
      title,
      extent(bundle),
      extent(empty),
      (median(bundle) / median(empty)).toFixed(2),
      (Math.min(...bundle) / Math.min(...empty)).toFixed(2),
    ]),
  );
}

export function sizeTable(sizes: Readonly<Record<string, number>>): string {
  return table(
    ["bundle", "KB"],
    Object.entries(sizes).map(([name, bytes]) => [name, (bytes / 1000).toFixed(0)]),
  );
}

/** Returns a table in Markdown, whose first column is text. */
export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => (i === 0 ? "---" : "--:"));
  return [head, rule, ...lines].map((line) => `| ${line.join(" | ")} |\n`).join("");
}

function extent(values: readonly number[]): string {
  return `**${median(values).toFixed(1)}** (${Math.min(...values).toFixed(1)}-${Math.max(...values).toFixed(1)})`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function rounded(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}

/** Formats an amount with two decimals. */
export function dollars(value: number): string {
  return `$${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
