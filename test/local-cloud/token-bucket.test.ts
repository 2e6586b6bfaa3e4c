import { expect, it } from "vitest";
import { TokenBucket } from "../../local-cloud/token-bucket.ts";

it("allows the burst at once, and then the rate", () => {
  let now = 0;
  const bucket = new TokenBucket({ rate: 10, burst: 3 }, () => now);
  const take = (count: number) => Array.from({ length: count }, () => bucket.take());
  expect(take(4)).toEqual([true, true, true, false]);
  now += 200;
  expect(take(3)).toEqual([true, true, false]);
  now += 60_000;
  expect(take(4)).toEqual([true, true, true, false]);
});

it("of size zero allows nothing", () => {
  expect(new TokenBucket({ rate: 0, burst: 0 }, () => 0).take()).toBe(false);
});
