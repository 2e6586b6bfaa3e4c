import { describe, expect, it } from "vitest";
import { MODULES } from "./modules.ts";
import { readModule, sample } from "./mutants.ts";

const [registry] = MODULES;
if (registry === undefined) throw new Error("no modules");
const { mutants, files } = await readModule(registry);

describe("the mutants of a module", () => {
  it("have unique keys and consecutive ids", () => {
    expect(mutants.length).toBeGreaterThan(300);
    expect(new Set(mutants.map(({ key }) => key)).size).toBe(mutants.length);
    expect(mutants.map(({ id }) => id)).toEqual(mutants.map((_, index) => index));
  });

  it("are numbered from the first mutant in their file", () => {
    const firsts = files.map(({ path }) => mutants.find(({ file }) => file === path)?.id);
    const expected = files.map(({ firstId }, index) => (firsts[index] === undefined ? undefined : firstId));
    expect(firsts).toEqual(expected);
  });

  it("have keys without the file name, so that moving a file does not change them", () => {
    expect(mutants.filter(({ key, file }) => key.includes(file))).toEqual([]);
  });
});

describe("a sample", () => {
  const keys = (size: number, seed: string, from = mutants) => sample(from, size, seed).map(({ key }) => key);

  it("is the same for the same seed, and differs for another seed", () => {
    expect(keys(50, "1")).toEqual(keys(50, "1"));
    expect(keys(50, "1")).not.toEqual(keys(50, "2"));
  });

  it("is the beginning of a larger one with the same seed", () => {
    expect(keys(100, "1").slice(0, 50)).toEqual(keys(50, "1"));
  });

  it("keeps its other mutants when one mutant is removed", () => {
    const before = keys(50, "1");
    const remaining = mutants.filter(({ key }) => key !== before[0]);
    expect(keys(49, "1", remaining)).toEqual(before.slice(1));
  });

  it("contains all mutants when it is larger than the module", () => {
    expect(keys(1_000_000, "1")).toHaveLength(mutants.length);
  });
});
