interface Waiter {
  readonly weight: number;
  readonly start: () => void;
}

/** The semaphore is at its limit, and the queue of waiting callers is full. */
export class SemaphoreFullError extends Error {
  constructor() {
    super("semaphore queue full: try again later");
    this.name = "SemaphoreFullError";
  }
}

/** The weight did not fit within the limit in time. */
export class SemaphoreTimeoutError extends Error {
  constructor() {
    super("semaphore at its limit: try again later");
    this.name = "SemaphoreTimeoutError";
  }
}

/** A weighted semaphore: bounds the sum of the weights of concurrent work, first come, first served. */
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
   * @param waitMilliseconds maximum duration of the wait. @default unlimited
   * @throws SemaphoreFullError, SemaphoreTimeoutError
   */
  async acquire(weight: number, waitMilliseconds?: number): Promise<void> {
    if (this.tryAcquire(weight)) return;
    if (this.#waiting.length >= this.#maxWaiting) throw new SemaphoreFullError();
    const { promise, resolve: start, reject } = Promise.withResolvers<void>();
    const waiter = { weight, start };
    this.#waiting.push(waiter);
    const giveUp = () => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      reject(new SemaphoreTimeoutError());
      this.release(0);
    };
    const timer = waitMilliseconds === undefined ? undefined : setTimeout(giveUp, waitMilliseconds);
    await promise.finally(() => clearTimeout(timer));
  }

  /** Acquires the weight if it fits and no other caller waits. */
  tryAcquire(weight: number): boolean {
    if (this.#waiting.length > 0 || !this.#hasRoomFor(weight)) return false;
    this.#taken += weight;
    return true;
  }

  /** Releases the weight of finished work, and starts waiting work that now fits. */
  release(weight: number): void {
    this.#taken -= weight;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#waiting.shift();
      this.#taken += next.weight;
      next.start();
    }
  }

  /** Returns the first waiting caller, if its weight fits. */
  #next(): Waiter | undefined {
    const first = this.#waiting[0];
    return first !== undefined && this.#hasRoomFor(first.weight) ? first : undefined;
  }

  #hasRoomFor(weight: number): boolean {
    return this.#taken === 0 || this.#taken + weight <= this.#limit;
  }
}
