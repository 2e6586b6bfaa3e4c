/**
 * Runs tasks concurrently while the sum of their weights stays within a limit. A task above the limit runs alone.
 */
export class InFlight<T> {
  readonly #limit: number;
  readonly #results: Promise<T>[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #weight = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Waits until the weight fits, then starts the task. @throws the error of an earlier task, if one has failed */
  async start(weight: number, task: () => Promise<T>): Promise<void> {
    while (this.#running.size > 0 && this.#weight + weight > this.#limit) await Promise.race(this.#running);
    this.#weight += weight;
    const result = task();
    this.#results.push(result);
    const settled = result.finally(() => {
      this.#weight -= weight;
      this.#running.delete(settled);
    });
    this.#running.add(settled);
    // The next call to `start` or `finish` throws the failure; until then it must not be reported as an unhandled rejection.
    settled.catch(() => undefined);
  }

  /** Waits for all tasks. @returns their results, in start order @throws the error of the first failed task */
  async finish(): Promise<readonly T[]> {
    return await Promise.all(this.#results);
  }

  /** Waits until no task is running, ignoring failures. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#results);
  }
}
