import { expect, it } from "vitest";
import { BoundedMap } from "../../lib/concurrency/bounded-map.ts";

it("evicts the oldest entry when it is full", () => {
  const map = new BoundedMap<number>(2);
  for (const [index, key] of ["a", "b", "c"].entries()) map.set(key, index);
  expect(["a", "b", "c"].map((key) => map.get(key))).toEqual([undefined, 1, 2]);
});

it("evicts nothing when it replaces the value of an existing key", () => {
  const map = new BoundedMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("b", 3);
  expect(["a", "b"].map((key) => map.get(key))).toEqual([1, 3]);
});
