import { expect, it } from "vitest";
import { Turns } from "../../lib/concurrency/turns.ts";

/** Work that ends when it is told to. */
function started(turns: Turns, order: string[], name: string) {
  const end = Promise.withResolvers<void>();
  const done = turns.take(async () => {
    order.push(name);
    await end.promise;
  });
  return { end, done };
}

it("runs so many at a time, the others in their order, and refuses when too many wait", async () => {
  const turns = new Turns(2, 2);
  const order: string[] = [];
  const works = ["a", "b", "c", "d", "e"].map((name) => started(turns, order, name));
  expect(works.map(({ done }) => done === undefined)).toEqual([false, false, false, false, true]);
  expect(order).toEqual(["a", "b"]);
  works[1]?.end.resolve();
  await works[1]?.done;
  await Promise.resolve();
  expect(order).toEqual(["a", "b", "c"]);
  for (const { end } of works) end.resolve();
  await Promise.all(works.map(({ done }) => done));
  expect(order).toEqual(["a", "b", "c", "d"]);
});

it("goes on after work that fails, and takes new work once there is room", async () => {
  const turns = new Turns(1, 1);
  const failed = turns.take(async () => {
    throw new Error("no");
  });
  const waited = turns.take(async () => "done");
  await expect(failed).rejects.toThrow("no");
  expect(await waited).toBe("done");
  expect(await turns.take(async () => "later")).toBe("later");
});
