import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CHECKS } from "../../lib/doctor/checks.ts";

const LIMITS = readFileSync(join(import.meta.dirname, "../../docs/limits.md"), "utf8");
const [, QUESTIONS = ""] = LIMITS.split("\n## What only a real account can tell\n");

/** Names of checks in the second cell of each row. */
const named = [...QUESTIONS.matchAll(/^\|[^|]*\|([^|]*)\|/gm)].flatMap(([, cell = ""]) =>
  [...cell.matchAll(/`([a-z][a-z-]*)`/g)].map(([, name = ""]) => name),
);

describe("docs/limits.md", () => {
  it("has a row for each check that verifies AWS behaviour, and for no other check", () => {
    const settling = CHECKS.filter(({ settles }) => settles !== undefined).map(({ name }) => name);
    expect([...new Set(named)].sort()).toEqual(settling.toSorted());
  });

  it("names only existing checks as verifying a limit", () => {
    const marks = [...LIMITS.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, name = ""]) => name);
    const words = ["name", "doctor"];
    const unknown = marks.filter(
      (name) => !words.includes(name) && CHECKS.every((check) => check.name !== name),
    );
    expect(unknown).toEqual([]);
  });
});

describe("checks", () => {
  it("have unique names", () => {
    expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
  });
});
