import { expect, it } from "vitest";
import { HmacCache } from "../../lib/concurrency/hmac-cache.ts";

it("returns the cached value of a secret, and undefined for other secrets", () => {
  const cache = new HmacCache<number>(10);
  cache.set("secret", 1);
  expect(cache.get("secret")).toBe(1);
  expect(cache.get("Secret")).toBeUndefined();
});

it("evicts the oldest value", () => {
  const cache = new HmacCache<number>(1);
  cache.set("first", 1);
  cache.set("second", 2);
  expect([cache.get("first"), cache.get("second")]).toEqual([undefined, 2]);
});
