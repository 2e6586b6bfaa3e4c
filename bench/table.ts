/** Row of the table; figures are collected by its title. */
export interface Row {
  readonly part: Part;
  readonly title: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly digits: number;
  /** Whether it varies so much between runs of the same code that a regression cannot be distinguished. */
  readonly unsteady?: boolean;
}

/** Parts of the benchmark. */
export const PARTS = ["reads", "push", "pull", "memory", "start"] as const;
/** Part of the benchmark. */
export type Part = (typeof PARTS)[number];

/** Figures by row and column; each round adds one. */
export class Figures {
  readonly #rows = new Map<string, { readonly row: Row; readonly values: Map<string, number[]> }>();

  /** Adds a figure of one round. */
  add(row: Row, column: string, value: number): void {
    const entry = this.#rows.get(row.title) ?? { row, values: new Map<string, number[]>() };
    this.#rows.set(row.title, entry);
    const values = entry.values.get(column) ?? [];
    entry.values.set(column, [...values, value]);
  }

  /** Returns a Markdown table with ratios of the first column to the others. */
  markdown(parts: ReadonlySet<Part>, columns: readonly string[]): string {
    const [own, ...others] = columns;
    if (own === undefined) return "";
    const header = ["", ...columns, ...others.map((other) => `÷ ${other}`)];
    const lines = this.#rowsOf(parts).map(({ row, values }) => [
      describe(row),
      ...columns.map((column) => cell(row, values.get(column))),
      ...others.map((other) => ratio(values.get(own), values.get(other))?.toFixed(2) ?? ""),
    ]);
    const rule = header.map((_, i) => (i === 0 ? "---" : "--:"));
    return [header, rule, ...lines].map((line) => `| ${line.join(" | ")} |\n`).join("");
  }

  /** Returns the rows in which the median of `own` is below `share` of the performance of `other`, as lines of text. */
  regressions(parts: ReadonlySet<Part>, own: string, other: string, share: number): readonly string[] {
    return this.#rowsOf(parts).flatMap(({ row, values }) => {
      const quotient = ratio(values.get(own), values.get(other));
      if (quotient === undefined || row.unsteady === true) return [];
      const performance = row.better === "more" ? quotient : 1 / quotient;
      return performance < share ? [`${describe(row)}: ${quotient.toFixed(3)}`] : [];
    });
  }

  /** Returns the rows in the order of the parts, and within a part in the order of addition. */
  #rowsOf(parts: ReadonlySet<Part>) {
    return PARTS.filter((part) => parts.has(part)).flatMap((part) =>
      [...this.#rows.values()].filter(({ row }) => row.part === part),
    );
  }
}

function describe(row: Row): string {
  return `${row.title}, ${row.unit}${row.better === "less" ? " (less is better)" : ""}`;
}

function cell(row: Row, values: readonly number[] | undefined): string {
  if (values === undefined) return "";
  const text = (value: number) => value.toLocaleString("en", { maximumFractionDigits: row.digits });
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.length === 1 ? text(low) : `**${text(median(values))}** (${text(low)}-${text(high)})`;
}

function ratio(own: readonly number[] | undefined, other: readonly number[] | undefined): number | undefined {
  if (own === undefined || other === undefined) return undefined;
  return median(own) / median(other);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
