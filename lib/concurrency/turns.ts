/** Lets so many pieces of work run at a time, and so many wait, first come, first served. */
export class Turns {
  readonly #running: number;
  readonly #waiting: number;
  readonly #queue: (() => void)[] = [];
  #busy = 0;

  constructor(running: number, waiting: number) {
    this.#running = running;
    this.#waiting = waiting;
  }

  /** @returns undefined when too many wait already */
  take<T>(work: () => Promise<T>): Promise<T> | undefined {
    if (this.#busy >= this.#running && this.#queue.length >= this.#waiting) return undefined;
    return this.#run(work);
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy >= this.#running) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#busy++;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      // Whoever is next takes over the place.
      if (next === undefined) this.#busy--;
      else next();
    }
  }
}
