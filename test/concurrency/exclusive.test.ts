import { expect, it } from "vitest";
import { Exclusive } from "../../lib/concurrency/exclusive.ts";

it("rejects work while other work with its id is running, and accepts it after that has ended or failed", async () => {
  const sections = new Exclusive((id) => new Error(`${id} is busy`));
  const end = Promise.withResolvers<string>();
  const first = sections.run("a", () => end.promise);
  await expect(sections.run("a", async () => "second")).rejects.toThrow("a is busy");
  expect(await sections.run("b", async () => "other")).toBe("other");
  end.reject(new Error("failed"));
  await expect(first).rejects.toThrow("failed");
  expect(await sections.run("a", async () => "third")).toBe("third");
});
