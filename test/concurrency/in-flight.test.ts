import { expect, it } from "vitest";
import { InFlight } from "../../lib/concurrency/in-flight.ts";

/** Waits until all pending callbacks have run. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Creates tasks with a limit of three. The test ends them. */
function createTasks() {
  const tasks = new InFlight<string>(3);
  const running: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const start = (name: string, weight: number) =>
    tasks.start(weight, () => {
      running.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise.finally(() => running.splice(running.indexOf(name), 1));
    });
  return { tasks, running, start, end: (name: string) => ends.get(name)?.resolve(name), ends };
}

it("keeps running tasks within the limit, and returns their results in order", async () => {
  const { tasks, running, start, end } = createTasks();
  await start("a", 2);
  await start("b", 1);
  const third = start("c", 2);
  await settled();
  expect(running).toEqual(["a", "b"]);
  end("b");
  await settled();
  expect(running).toEqual(["a"]);
  end("a");
  await third;
  expect(running).toEqual(["c"]);
  end("c");
  expect(await tasks.finish()).toEqual(["a", "b", "c"]);
});

it("runs a task heavier than the limit alone, and throws its failure at the next start", async () => {
  const { tasks, running, start, ends } = createTasks();
  await start("heavy", 9);
  const light = start("light", 1);
  await settled();
  expect(running).toEqual(["heavy"]);
  ends.get("heavy")?.reject(new Error("lost"));
  await expect(light).rejects.toThrow("lost");
  await expect(tasks.finish()).rejects.toThrow("lost");
});
