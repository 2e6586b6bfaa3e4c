/** Milliseconds by which the wall clock must run ahead at once for the machine to count as suspended meanwhile. */
const MIN_SUSPENSION_MILLISECONDS = 100;

/**
 * A clock for ages: it never goes back, and it counts the time in which the machine was suspended. Node's own monotonic
 * clock leaves that out (https://github.com/nodejs/node/issues/47724), and Lambda suspends a function between requests:
 * an expired cache would look fresh. So what the wall clock jumps forward is counted as well.
 */
export class MonotonicClock {
  readonly #now: () => Date;
  readonly #uptime: () => number;
  #last: { readonly wall: number; readonly uptime: number };
  #suspended = 0;

  /** @param uptime milliseconds of a clock that never goes back, like `performance.now` */
  constructor(now: () => Date, uptime: () => number) {
    this.#now = now;
    this.#uptime = uptime;
    this.#last = this.#read();
  }

  /** @returns milliseconds since some fixed time */
  now(): number {
    const { wall, uptime } = this.#read();
    const ahead = wall - this.#last.wall - (uptime - this.#last.uptime);
    if (ahead >= MIN_SUSPENSION_MILLISECONDS) this.#suspended += ahead;
    this.#last = { wall, uptime };
    return uptime + this.#suspended;
  }

  #read() {
    return { wall: this.#now().getTime(), uptime: this.#uptime() };
  }
}
