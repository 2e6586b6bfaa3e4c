import { describe, expect, it } from "vitest";
import { Figures, PARTS, type Row } from "../../bench/table.ts";

const SPEED: Row = { part: "push", title: "push", unit: "MB/s", better: "more", digits: 0 };
const LATENCY: Row = { part: "reads", title: "blob HEAD, p50", unit: "ms", better: "less", digits: 2 };
const ALL = new Set(PARTS);

function figuresOf(row: Row, own: readonly number[], other: readonly number[]): Figures {
  const figures = new Figures();
  for (const value of own) figures.add(row, "own", value);
  for (const value of other) figures.add(row, "other", value);
  return figures;
}

function regressions(row: Row, own: readonly number[], other: readonly number[], parts = ALL) {
  return figuresOf(row, own, other).regressions(parts, "own", "other", 0.95);
}

describe("a table of figures", () => {
  it("shows medians, extremes and the ratio of the medians", () => {
    const table = figuresOf(SPEED, [90, 100, 500], [200, 200, 10]).markdown(ALL, ["own", "other"]);
    expect(table).toContain("| push, MB/s | **100** (90-500) | **200** (10-200) | 0.50 |");
  });
});

describe("regressions", () => {
  it("are rows whose median is below the share, where more is better", () => {
    expect(regressions(SPEED, [94.9, 1, 300], [100, 100, 100])).toEqual(["push, MB/s: 0.949"]);
    expect(regressions(SPEED, [95, 95, 95], [100, 100, 100])).toEqual([]);
    expect(regressions(SPEED, [300], [100])).toEqual([]);
  });

  it("are rows whose median is above the inverse of the share, where less is better", () => {
    expect(regressions(LATENCY, [1.06], [1])).toEqual(["blob HEAD, p50, ms (less is better): 1.060"]);
    expect(regressions(LATENCY, [1.05], [1])).toEqual([]);
    expect(regressions(LATENCY, [0.5], [1])).toEqual([]);
  });

  it("exclude rows that vary too much, parts that are not measured, and rows with one column", () => {
    expect(regressions({ ...SPEED, unsteady: true }, [50], [100])).toEqual([]);
    expect(regressions(SPEED, [50], [100], new Set(["pull"]))).toEqual([]);
    expect(regressions(SPEED, [50], [])).toEqual([]);
  });
});
