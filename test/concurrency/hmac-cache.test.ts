import { expect, it } from "vitest";
import { HmacCache } from "../../lib/concurrency/hmac-cache.ts";

it("returns the value of a secret, and none for other secrets", () => {
  const cache = new HmacCache<number>(10);
  cache.set("secret", 1);
  expect(cache.get("secret")).toBe(1);
  expect(cache.get("Secret")).toBeUndefined();
});

it("evicts the value that was added first", () => {
  const cache = new HmacCache<number>(1);
  cache.set("first", 1);
  cache.set("second", 2);
  expect([cache.get("first"), cache.get("second")]).toEqual([undefined, 2]);
});
