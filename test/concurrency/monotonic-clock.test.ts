import { expect, it } from "vitest";
import { MonotonicClock } from "../../lib/concurrency/monotonic-clock.ts";

/** A machine with a wall clock and an uptime clock, both in milliseconds. */
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

it("follows the uptime when the wall clock is set back", () => {
  const machine = new Machine();
  machine.run(1000);
  machine.wall -= 3_600_000;
  machine.run(1000);
  expect(machine.elapsed()).toBe(2000);
  machine.run(500);
  expect(machine.elapsed()).toBe(2500);
});

it("includes the time during which the machine was suspended", () => {
  const machine = new Machine();
  machine.run(1000);
  machine.wall += 60_000;
  expect(machine.elapsed()).toBe(61_000);
  machine.run(1000);
  expect(machine.elapsed()).toBe(62_000);
});

it("does not drift because of the wall clock's resolution of one millisecond", () => {
  const machine = new Machine();
  for (let tick = 1; tick <= 1000; tick++) {
    machine.uptime += 0.25;
    if (tick % 4 === 0) machine.wall += 1;
    machine.clock.now();
  }
  expect(machine.elapsed()).toBe(250);
});
