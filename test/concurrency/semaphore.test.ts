import { expect, it } from "vitest";
import { Semaphore, SemaphoreFullError, SemaphoreTimeoutError } from "../../lib/concurrency/semaphore.ts";

/** Waits until all pending callbacks have run. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Creates work that ends when the test resolves `end`. */
function started(semaphore: Semaphore, order: string[], name: string) {
  const end = Promise.withResolvers<void>();
  const done = semaphore.run(async () => {
    order.push(name);
    await end.promise;
  });
  return { end, done };
}

it("runs work up to its limit, queues more in order, and rejects work when the queue is full", async () => {
  const semaphore = new Semaphore(2, 2);
  const order: string[] = [];
  const works = ["a", "b", "c", "d"].map((name) => started(semaphore, order, name));
  await expect(semaphore.run(async () => order.push("e"))).rejects.toThrow(SemaphoreFullError);
  expect(order).toEqual(["a", "b"]);
  works[1]?.end.resolve();
  await works[1]?.done;
  await settled();
  expect(order).toEqual(["a", "b", "c"]);
  for (const { end } of works) end.resolve();
  await Promise.all(works.map(({ done }) => done));
  expect(order).toEqual(["a", "b", "c", "d"]);
});

it("continues after failed work, and accepts new work within its limit", async () => {
  const semaphore = new Semaphore(1, 1);
  const failed = semaphore.run(async () => {
    throw new Error("no");
  });
  const waited = semaphore.run(async () => "done");
  await expect(failed).rejects.toThrow("no");
  expect(await waited).toBe("done");
  expect(await semaphore.run(async () => "later")).toBe("later");
});

it("starts no lighter work before queued heavier work", async () => {
  const semaphore = new Semaphore(3);
  const order: string[] = [];
  await semaphore.acquire(2);
  void semaphore.acquire(2).then(() => order.push("heavy"));
  void semaphore.acquire(1).then(() => order.push("light"));
  await settled();
  expect(order).toEqual([]);
  semaphore.release(2);
  await settled();
  expect(order).toEqual(["heavy", "light"]);
});

it("runs work heavier than the limit alone", async () => {
  const semaphore = new Semaphore(3);
  const order: string[] = [];
  await semaphore.acquire(5);
  void semaphore.acquire(1).then(() => order.push("light"));
  await settled();
  expect(order).toEqual([]);
  semaphore.release(5);
  await settled();
  expect(order).toEqual(["light"]);
});

it("acquires without waiting only if nothing is queued and the work fits", async () => {
  const semaphore = new Semaphore(3);
  expect([semaphore.tryAcquire(2), semaphore.tryAcquire(2), semaphore.tryAcquire(1)]).toEqual([
    true,
    false,
    true,
  ]);
  semaphore.release(1);
  void semaphore.acquire(2);
  expect(semaphore.tryAcquire(1)).toBe(false);
});

it("times out a queued acquisition, and starts lighter work that was queued behind it", async () => {
  const semaphore = new Semaphore(3);
  const order: string[] = [];
  await semaphore.acquire(2);
  const heavy = semaphore.acquire(2, 1);
  void semaphore.acquire(1).then(() => order.push("light"));
  await expect(heavy).rejects.toThrow(SemaphoreTimeoutError);
  await settled();
  expect(order).toEqual(["light"]);
  semaphore.release(2);
  semaphore.release(1);
  await semaphore.acquire(3, 1);
});
