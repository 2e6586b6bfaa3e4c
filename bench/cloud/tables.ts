import type { ColdStart } from "./cold-start.ts";
import { MONTHS, ownPrice, PEERS } from "./peers.ts";
import type { Costs } from "./prices.ts";

type Titled<T> = T & { readonly title: string };

export function costTable(rows: readonly Titled<Costs>[]): string {
  return table(
    [
      "",
      "event invocations",
      "their billed ms",
      "web function requests",
      "its billed ms",
      "DynamoDB calls",
      "S3 calls",
      "a thousand",
    ],
    rows.map((it) => [
      it.title,
      ...[it.eventInvocations, it.eventMs, it.webRequests, it.webMs, it.dynamoCalls, it.s3Calls].map(rounded),
      `$${it.thousand.toFixed(4)}`,
    ]),
  );
}

/** Dollars a month, here and elsewhere. */
export function monthTable(rows: readonly Titled<Costs>[]): string {
  const priceOf = (title: string) => (rows.find((it) => it.title === title)?.thousand ?? Number.NaN) / 1000;
  const [push, pull] = [priceOf("push of ten layers by PUT"), priceOf("pull of ten layers")];
  const lines = MONTHS.map((month) => [
    month.title,
    dollars(ownPrice(month, push, pull)),
    ...PEERS.map((peer) => dollars(peer.price(month))),
  ]);
  const head = ["a month", "dockless", ...PEERS.map(({ title }) => title)];
  return `${table(head, lines)}\n${PEERS.map(({ says }) => `- ${says}.\n`).join("")}`;
}

export function coldStartTable(starts: readonly ColdStart[]): string {
  return table(
    ["first answer after a cold start, ms", "bundle", "empty one", "ratio of medians", "of the quickest"],
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

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
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

function dollars(value: number): string {
  return `$${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
