import { expect, it } from "vitest";
import { MonotonicClock } from "../../lib/concurrency/monotonic-clock.ts";

/** A machine with a wall clock and one of its uptime, both in milliseconds. */
class Machine {
  wall = Date.UTC(2026, 0, 1);
  uptime = 5000;
  readonly clock = new MonotonicClock(
    () => new Date(this.wall),
    () => this.uptime,
  );
  readonly #begin = this.clock.now();

  run(milliseconds: number): void {
    this.wall += milliseconds;
    this.uptime += milliseconds;
  }

  elapsed(): number {
    return this.clock.now() - this.#begin;
  }
}

it("runs with the uptime, also when the wall clock is set back", () => {
  const machine = new Machine();
  machine.run(1000);
  machine.wall -= 3_600_000;
  machine.run(1000);
  expect(machine.elapsed()).toBe(2000);
  machine.run(500);
  expect(machine.elapsed()).toBe(2500);
});

it("counts the time in which the machine was suspended", () => {
  const machine = new Machine();
  machine.run(1000);
  machine.wall += 60_000;
  expect(machine.elapsed()).toBe(61_000);
  machine.run(1000);
  expect(machine.elapsed()).toBe(62_000);
});

it("runs no faster for a wall clock that ticks in whole milliseconds", () => {
  const machine = new Machine();
  for (let tick = 1; tick <= 1000; tick++) {
    machine.uptime += 0.25;
    if (tick % 4 === 0) machine.wall += 1;
    machine.clock.now();
  }
  expect(machine.elapsed()).toBe(250);
});
