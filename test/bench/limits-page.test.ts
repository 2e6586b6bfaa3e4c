import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { limitTables } from "../../bench/cloud/limit-tables.ts";
import measured from "../../bench/cloud/measured.json" with { type: "json" };

const ROWS = measured.map((row) => ({ ...row, s3: Object.fromEntries(Object.entries(row.s3)) }));
const page = readFileSync(join(import.meta.dirname, "../../docs/limits.md"), "utf8").replaceAll(/\s+/g, " ");

it.each(limitTables(ROWS))("docs/limits.md has the computed value: %s", (table) => {
  expect(page).toContain(table.trim().replaceAll(/\s+/g, " "));
});

it("a push by 20 clients stays within the default limits", () => {
  const [, demand = ""] = limitTables(ROWS);
  const lines = demand.trim().split("\n").slice(2);
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    const [, , need = Number.NaN, limit = 0] = line
      .split("|")
      .map((cell) => Number(cell.replaceAll(",", "")));
    expect(need, line).toBeLessThan(limit);
  }
});
