import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Result, Results } from "./results.ts";

const KILLED: Result = { key: "a", outcome: "killed", source: "s1", world: "w1", test: "f > t" };
const SURVIVED: Result = { key: "b", outcome: "survived", source: "s1", world: "w1" };

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dockless-mutation-"));
  path = join(folder, "state/results.jsonl");
  const results = await Results.open(path);
  for (const result of [KILLED, SURVIVED]) await results.add(result);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("the result of an earlier run", () => {
  it.each<[string, Parameters<Results["find"]>, Result | undefined]>([
    ["is valid while nothing changed", ["b", "s1", "w1", []], SURVIVED],
    ["is not valid for another source", ["a", "s2", "w1", ["f > t"]], undefined],
    ["is valid while the test that failed reaches the mutant", ["a", "s1", "w2", ["x", "f > t"]], KILLED],
    ["is not valid without that test", ["a", "s1", "w2", ["x"]], undefined],
    ["is not valid for a survivor when a test changed", ["b", "s1", "w2", ["f > t"]], undefined],
    ["is missing for another mutant", ["c", "s1", "w1", []], undefined],
  ])("%s", async (_, query, expected) => {
    expect((await Results.open(path)).find(...query)).toEqual(expected);
  });

  it("is the last one recorded for a mutant", async () => {
    await (await Results.open(path)).add({ ...KILLED, outcome: "timeout" });
    expect((await Results.open(path)).find("a", "s1", "w1", [])?.outcome).toBe("timeout");
  });

  it("is ignored when the run was interrupted while the result was being written", async () => {
    await appendFile(path, '{"key":"c","outc');
    const results = await Results.open(path);
    expect(results.find("a", "s1", "w1", [])).toEqual(KILLED);
    expect(results.find("c", "s1", "w1", [])).toBeUndefined();
    await results.add({ ...SURVIVED, key: "c" });
    expect((await Results.open(path)).find("c", "s1", "w1", [])?.outcome).toBe("survived");
  });
});
