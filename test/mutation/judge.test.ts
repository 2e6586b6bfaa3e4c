import { describe, expect, it } from "vitest";
import { parseEquivalents, readEquivalents } from "./equivalents.ts";
import { judge } from "./judge.ts";
import { MODULES } from "./modules.ts";
import type { Mutant } from "./mutants.ts";
import { readModule } from "./mutants.ts";
import type { Outcome } from "./results.ts";
import type { JudgedMutant } from "./run-module.ts";

function judged(key: string, outcome: Outcome): JudgedMutant {
  const mutant = {
    key,
    id: 0,
    file: "f",
    line: 1,
    scope: "",
    text: "",
    original: "",
    replacement: "",
  } satisfies Mutant;
  return { mutant, result: { key, outcome, source: "", world: "" } };
}

const KILLED = Array.from({ length: 40 }, (_, index) => judged(`k${index}`, "killed"));
const KEYS = new Set(["a", "b", ...KILLED.map(({ mutant }) => mutant.key)]);

describe("a sample of mutants", () => {
  it("passes when all mutants are killed, by a test or the time limit", () => {
    const verdict = judge([...KILLED, judged("a", "timeout")], [], KEYS);
    expect(verdict).toEqual({ killed: 41, timeouts: 1, equivalent: 0, survived: 0, failures: [] });
  });

  it("passes when the only survivor is listed as equivalent", () => {
    const verdict = judge([...KILLED, judged("a", "survived")], [{ key: "a", why: "the same" }], KEYS);
    expect(verdict).toEqual({ killed: 40, timeouts: 0, equivalent: 1, survived: 0, failures: [] });
  });

  it.each<[string, readonly JudgedMutant[], readonly string[], string]>([
    ["a survivor is not listed", [judged("a", "survived")], [], "survived: f:1 a"],
    ["a listed mutant is killed", [judged("a", "killed")], ["a"], "listed as equivalent, but killed"],
    ["a listed mutant does not exist", [], ["gone"], "equivalent mutant not found: gone"],
  ])("fails when %s", (_, more, listed, failure) => {
    const equivalents = listed.map((key) => ({ key, why: "the same" }));
    const { failures } = judge([...KILLED, ...more], equivalents, KEYS);
    expect(failures).toEqual([expect.stringContaining(failure)]);
  });

  it("fails when more than one mutant in twenty survived, even if all survivors are listed", () => {
    const equivalents = ["a", "b"].map((key) => ({ key, why: "the same" }));
    const alive = ["a", "b"].map((key) => judged(key, "survived"));
    expect(judge([...KILLED, ...alive], equivalents, KEYS).failures).toEqual([]);
    expect(judge([...KILLED.slice(0, 37), ...alive], equivalents, KEYS).failures).toEqual([
      "5.1 % survived, at most 5 % may",
    ]);
  });
});

describe("the list of equivalent mutants", () => {
  it.each(['{"mutant": "a"}', '{"mutant": "a", "why": ""}', '{"why": "b"}'])("rejects %s", (line) => {
    expect(() => parseEquivalents(`{"mutant": "a", "why": "b"}\n${line}\n`)).toThrow("line 2 malformed");
  });

  it.each(MODULES)("of $name lists existing mutants, each once", async (module) => {
    const keys = (await readEquivalents(module.name)).map(({ key }) => key);
    const existing = new Set((await readModule(module)).mutants.map(({ key }) => key));
    expect(keys.filter((key) => !existing.has(key))).toEqual([]);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
