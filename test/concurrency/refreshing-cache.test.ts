import { beforeEach, describe, expect, it } from "vitest";
import { RefreshingCache, type RefreshingCacheOptions } from "../../lib/concurrency/refreshing-cache.ts";

let now = 0;
let loads = 0;
let source: () => Promise<string>;

beforeEach(() => {
  now = 1000;
  loads = 0;
  source = async () => `value ${loads}`;
});

function newCache(options: Partial<RefreshingCacheOptions<string>> = {}): RefreshingCache<string> {
  const load = async () => {
    loads++;
    return await source();
  };
  return new RefreshingCache({ load, monotonicNow: () => now, freshMilliseconds: 100, ...options });
}

const breakDown = () => {
  source = async () => {
    throw new Error(`failure ${loads}`);
  };
};

describe("a value", () => {
  it("is loaded once for concurrent callers", async () => {
    const cache = newCache();
    expect(await Promise.all([cache.get(), cache.get(), cache.refresh()])).toEqual(Array(3).fill("value 1"));
  });

  it("is loaded again when it is not fresh", async () => {
    const cache = newCache();
    await cache.get();
    now += 99;
    expect(await cache.get()).toBe("value 1");
    now += 1;
    expect(await cache.get()).toBe("value 2");
  });

  it("ages from the start of its load, and is returned after a slow load", async () => {
    const cache = newCache();
    source = async () => {
      now += 100;
      return `value ${loads}`;
    };
    expect(await cache.get()).toBe("value 1");
    expect(await cache.get()).toBe("value 2");
  });
});

describe("a load that fails", () => {
  it("fails for all waiting callers, and is retried by the next call", async () => {
    const cache = newCache();
    breakDown();
    const outcomes = await Promise.allSettled([cache.get(), cache.get()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(loads).toBe(1);
    source = async () => "back";
    expect(await cache.get()).toBe("back");
  });

  it("fails when the earlier value has expired and may not be stale", async () => {
    const cache = newCache();
    await cache.get();
    now += 100;
    breakDown();
    await expect(cache.get()).rejects.toThrow("failure 2");
    await expect(cache.get()).rejects.toThrow("failure 3");
  });

  it("returns an earlier value while it is usable", async () => {
    const cache = newCache({ usableMilliseconds: 500 });
    await cache.get();
    breakDown();
    now += 499;
    expect(await cache.get()).toBe("value 1");
    now += 1;
    await expect(cache.get()).rejects.toThrow("failure 3");
  });
});

describe("consecutive loads are separated by a delay", () => {
  it("after a successful load", async () => {
    const cache = newCache({ pauseMilliseconds: { afterSuccess: 50 } });
    await cache.get();
    now += 49;
    expect(await cache.refresh()).toBe("value 1");
    now += 1;
    expect(await cache.refresh()).toBe("value 2");
  });

  it("after a failed load, while an earlier value is cached", async () => {
    const cache = newCache({ usableMilliseconds: 1000, pauseMilliseconds: { afterFailure: 50 } });
    await cache.get();
    breakDown();
    now += 100;
    expect(await cache.get()).toBe("value 1");
    source = async () => "back";
    now += 49;
    expect(await cache.get()).toBe("value 1");
    now += 1;
    expect(await cache.get()).toBe("back");
  });

  it("while there is no value, and calls fail with the last error", async () => {
    const cache = newCache({ pauseMilliseconds: { whileEmpty: 50 } });
    breakDown();
    await expect(cache.get()).rejects.toThrow("failure 1");
    now += 49;
    await expect(cache.get()).rejects.toThrow("failure 1");
    now += 1;
    await expect(cache.get()).rejects.toThrow("failure 2");
  });
});
