import { expect, it } from "vitest";
import { InFlight } from "../../lib/concurrency/in-flight.ts";
import { Semaphore } from "../../lib/concurrency/semaphore.ts";

/** Waits until all pending callbacks have run. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Creates two bodies with a shared limit of four and a limit of three each. The test ends their parts. */
function lab() {
  const shared = new Semaphore(4);
  const bodies = [new InFlight<string>(3, shared), new InFlight<string>(3, shared)];
  const running: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const start = (body: number, name: string, weight: number) =>
    bodies[body]?.start(weight, () => {
      running.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise.finally(() => running.splice(running.indexOf(name), 1));
    });
  return { bodies, running, start, end: (name: string) => ends.get(name)?.resolve(name), ends };
}

it("keeps each body within its limit, and all within the shared one, first come, first served", async () => {
  const { bodies, running, start, end } = lab();
  await start(0, "a1", 3);
  void start(0, "a2", 1);
  await start(1, "b1", 1);
  void start(1, "b2", 2);
  await settled();
  expect(running).toEqual(["a1", "b1"]);
  end("a1");
  await settled();
  expect(running).toEqual(["b1", "b2", "a2"]);
  for (const name of ["b1", "b2", "a2"]) end(name);
  await settled();
  expect(await bodies[0]?.finish()).toEqual(["a1", "a2"]);
  expect(await bodies[1]?.finish()).toEqual(["b1", "b2"]);
});

it("runs a task above the limit alone, and releases its weight after a failure", async () => {
  const { bodies, running, start, end, ends } = lab();
  await start(0, "heavy", 9);
  void start(1, "light", 1);
  await settled();
  expect(running).toEqual(["heavy"]);
  ends.get("heavy")?.reject(new Error("lost"));
  await settled();
  expect(running).toEqual(["light"]);
  await expect(bodies[0]?.finish()).rejects.toThrow("lost");
  end("light");
  await settled();
  await start(1, "heavy again", 9);
  expect(running).toEqual(["heavy again"]);
  end("heavy again");
});
