import type { Semaphore } from "./semaphore.ts";

/**
 * Runs tasks side by side, as long as their weights together stay within a limit; a single task may exceed it. Others that
 * run at the same time may share a further limit.
 */
export class InFlight<T> {
  readonly #limit: number;
  readonly #shared: Semaphore | undefined;
  readonly #results: Promise<T>[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #weight = 0;

  constructor(limit: number, shared?: Semaphore) {
    this.#limit = limit;
    this.#shared = shared;
  }

  /** Waits until there is room, then starts the task. @throws what an earlier task has thrown */
  async start(weight: number, task: () => Promise<T>): Promise<void> {
    while (this.#running.size > 0 && this.#weight + weight > this.#limit) await Promise.race(this.#running);
    await this.#shared?.acquire(weight);
    this.#weight += weight;
    const result = task();
    this.#results.push(result);
    const ended = result.finally(() => {
      this.#weight -= weight;
      this.#shared?.release(weight);
      this.#running.delete(ended);
    });
    this.#running.add(ended);
    // Whoever waits next gets the failure; until then it must not count as unhandled.
    ended.catch(() => undefined);
  }

  /** The results in the order in which the tasks were started. */
  async finish(): Promise<readonly T[]> {
    return await Promise.all(this.#results);
  }

  /** Waits until nothing runs any more, whatever came of it. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#results);
  }
}
