/** Milliseconds by which the wall clock must run ahead between two readings to be attributed to a suspension. */
const MIN_SUSPENSION_MILLISECONDS = 100;

/**
 * A monotonic clock for measuring ages that includes the time during which the machine was suspended. Node's own monotonic
 * clock omits it (https://github.com/nodejs/node/issues/47724), and Lambda suspends a function between requests: an expired
 * cache would look fresh. So forward jumps of the wall clock are added.
 */
export class MonotonicClock {
  readonly #now: () => Date;
  readonly #uptime: () => number;
  #last: { readonly wall: number; readonly uptime: number };
  #suspended = 0;

  /** @param uptime milliseconds of a monotonic clock, such as `performance.now` */
  constructor(now: () => Date, uptime: () => number) {
    this.#now = now;
    this.#uptime = uptime;
    this.#last = this.#read();
  }

  /** Returns milliseconds since an arbitrary fixed time. */
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
