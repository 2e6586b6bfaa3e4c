import { Random } from "./support/random.ts";

/** Maximum delay before an environment is killed, in milliseconds; most are killed much sooner. */
const MAX_DELAY_MILLISECONDS = 500;

/** Fault injector that kills environments at random while they handle a request. */
export class Chaos {
  /** Probability for each request. */
  rate: number;
  readonly #random: Random;

  constructor(rate: number, seed: string) {
    this.rate = rate;
    this.#random = new Random(seed);
  }

  /** Schedules a kill with the configured probability. @returns a function to call when the request has ended */
  around(kill: () => void): () => void {
    if (!this.#random.chance(this.rate)) return () => undefined;
    const timer = setTimeout(kill, MAX_DELAY_MILLISECONDS * this.#random.next() ** 3);
    return () => clearTimeout(timer);
  }
}

/** Fault injector that never kills. */
export const NO_CHAOS = new Chaos(0, "none");
