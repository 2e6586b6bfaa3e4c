interface Waiter {
  readonly weight: number;
  readonly start: () => void;
}

/** No permit is free, and as many callers wait for one as may. */
export class SemaphoreFullError extends Error {
  constructor() {
    super("too many callers wait for the semaphore: try again later");
    this.name = "SemaphoreFullError";
  }
}

/** Bounds the sum of the weights of all work that runs at the same time, in the order of arrival. */
export class Semaphore {
  readonly #limit: number;
  readonly #maxWaiting: number;
  readonly #waiting: Waiter[] = [];
  #taken = 0;

  constructor(limit: number, maxWaiting = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
  }

  /** Runs work of weight 1. @throws SemaphoreFullError before the work starts */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.acquire(1);
    try {
      return await work();
    } finally {
      this.release(1);
    }
  }

  /**
   * Waits until the weight fits within the limit. A weight above the limit fits when nothing else runs.
   * @throws SemaphoreFullError
   */
  async acquire(weight: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#hasRoomFor(weight)) {
      this.#taken += weight;
      return;
    }
    if (this.#waiting.length >= this.#maxWaiting) throw new SemaphoreFullError();
    await new Promise<void>((start) => this.#waiting.push({ weight, start }));
  }

  release(weight: number): void {
    this.#taken -= weight;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#waiting.shift();
      this.#taken += next.weight;
      next.start();
    }
  }

  /** The first that waits, if there is room for it. */
  #next(): Waiter | undefined {
    const first = this.#waiting[0];
    return first !== undefined && this.#hasRoomFor(first.weight) ? first : undefined;
  }

  #hasRoomFor(weight: number): boolean {
    return this.#taken === 0 || this.#taken + weight <= this.#limit;
  }
}
