import { Random } from "./support/random.ts";

/** The longest that an environment which is to be killed may work on, in milliseconds; most are killed much sooner. */
const LONGEST = 500;

/** Kills environments at random while they work on a request. */
export class Chaos {
  /** How probable it is for a request. */
  rate: number;
  readonly #random: Random;

  constructor(rate: number, seed: string) {
    this.rate = rate;
    this.#random = new Random(seed);
  }

  /** @returns what to call once the request has ended */
  around(kill: () => void): () => void {
    if (!this.#random.chance(this.rate)) return () => undefined;
    const timer = setTimeout(kill, LONGEST * this.#random.next() ** 3);
    return () => clearTimeout(timer);
  }
}

export const NO_CHAOS = new Chaos(0, "none");
