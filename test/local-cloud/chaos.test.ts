import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Chaos } from "../../local-cloud/chaos.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("schedules each of the faults, at the configured rate", () => {
  const counts = { killed: 0, shutDown: 0 };
  const chaos = new Chaos(0.5, "seed");
  for (let requests = 0; requests < 400; requests++)
    chaos.scheduleFault(
      () => counts.killed++,
      () => counts.shutDown++,
    );
  vi.runAllTimers();
  for (const count of Object.values(counts)) {
    expect(count).toBeGreaterThan(60);
    expect(count).toBeLessThan(140);
  }
});

it("injects no fault into a request that has ended", () => {
  const kill = vi.fn();
  new Chaos(1, "seed").scheduleFault(kill)();
  vi.runAllTimers();
  expect(kill).not.toHaveBeenCalled();
});

it("interrupts the requested number of uploads", () => {
  const chaos = new Chaos(0, "seed");
  chaos.cutUploads(2);
  expect([chaos.takeCut(), chaos.takeCut(), chaos.takeCut()]).toEqual([true, true, false]);
});
