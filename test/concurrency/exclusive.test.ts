import { expect, it } from "vitest";
import { Exclusive } from "../../lib/concurrency/exclusive.ts";

it("rejects work while other work with the same ID is running, and accepts it after the other has ended or failed", async () => {
  const sections = new Exclusive((id) => new Error(`${id} is busy`));
  const end = Promise.withResolvers<string>();
  const first = sections.run("a", "work", () => end.promise);
  await expect(sections.run("a", "work", async () => "second")).rejects.toThrow("a is busy");
  expect(await sections.run("b", "work", async () => "other")).toBe("other");
  end.reject(new Error("failed"));
  await expect(first).rejects.toThrow("failed");
  expect(await sections.run("a", "work", async () => "third")).toBe("third");
});

it("reports the end of the running work, whether it succeeds or fails", async () => {
  const sections = new Exclusive((_id, running) => Object.assign(new Error("busy"), running));
  for (const outcome of [Promise.resolve(), Promise.reject(new Error("failed"))]) {
    const start = Promise.withResolvers<void>();
    const running = sections.run("a", "work", () => start.promise.then(() => outcome)).catch(() => "failed");
    const { use, ended } = await sections.run("a", "work", async () => undefined).catch((error) => error);
    expect(use).toBe("work");
    start.resolve();
    await ended;
    await running;
    await sections.run("a", "work", async () => undefined);
  }
});
