/** A lock per id that rejects work while other work with the same id is running in this process. */
export class Exclusive {
  readonly #running = new Map<string, Promise<void>>();
  readonly #busyError: (id: string, ended: Promise<void>) => Error;

  /** @param busyError creates the error that `run` throws while other work is running, with the promise of its end */
  constructor(busyError: (id: string, ended: Promise<void>) => Error) {
    this.#busyError = busyError;
  }

  /** Runs work exclusively. @throws the error that `busyError` creates, while other work with the same id is running */
  async run<T>(id: string, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(id);
    if (running !== undefined) throw this.#busyError(id, running);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.set(id, promise);
    try {
      return await work();
    } finally {
      this.#running.delete(id);
      resolve();
    }
  }
}
