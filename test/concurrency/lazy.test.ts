import { expect, it, vi } from "vitest";
import { lazy } from "../../lib/concurrency/lazy.ts";

it("loads once, for concurrent and for later calls", async () => {
  const load = vi.fn(async () => ({}));
  const loaded = lazy(load);
  expect(load).not.toHaveBeenCalled();
  const [first, second] = await Promise.all([loaded(), loaded()]);
  expect(second).toBe(first);
  expect(await loaded()).toBe(first);
  expect(load).toHaveBeenCalledTimes(1);
});

it("rejects all calls that wait for a failure, and loads again in the next call", async () => {
  const load = vi.fn(async () => "loaded").mockRejectedValueOnce(new Error("offline"));
  const loaded = lazy(load);
  const results = await Promise.allSettled([loaded(), loaded()]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(load).toHaveBeenCalledTimes(1);
  expect(await loaded()).toBe("loaded");
  expect(load).toHaveBeenCalledTimes(2);
});
