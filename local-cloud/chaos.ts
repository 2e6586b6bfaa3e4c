import { Random } from "./support/random.ts";

/** Maximum delay in milliseconds before an environment is killed; most environments are killed much sooner. */
const MAX_DELAY_MILLISECONDS = 500;

/** Fault injector that kills or shuts down random environments while they are handling a request. */
export class Chaos {
  /** Probability for each request. */
  rate: number;
  readonly #random: Random;
  #pendingCuts = 0;

  constructor(rate: number, seed: string) {
    this.rate = rate;
    this.#random = new Random(seed);
  }

  /** With the configured probability, schedules one of the faults. @returns a function to call when the request has ended */
  scheduleFault(...faults: readonly (() => void)[]): () => void {
    if (!this.#random.chance(this.rate)) return () => undefined;
    const timer = setTimeout(this.#random.pick(faults), MAX_DELAY_MILLISECONDS * this.#random.next() ** 3);
    return () => clearTimeout(timer);
  }

  /** Sets the number of uploads whose environment will be shut down. */
  cutUploads(count: number): void {
    this.#pendingCuts = count;
  }

  /** Returns whether an upload must be cut, and counts it. */
  takeCut(): boolean {
    if (this.#pendingCuts === 0) return false;
    this.#pendingCuts--;
    return true;
  }
}

/** Fault injector that injects no faults. */
export const NO_CHAOS = new Chaos(0, "none");
