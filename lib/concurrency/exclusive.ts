/** A lock per id that rejects work while other work with the same id is running in this process. */
export class Exclusive {
  readonly #busy = new Set<string>();
  readonly #busyError: (id: string) => Error;

  /** @param busyError creates the error that `run` throws while other work is running */
  constructor(busyError: (id: string) => Error) {
    this.#busyError = busyError;
  }

  /** Runs work exclusively. @throws the error that `busyError` creates, while other work with the same id is running */
  async run<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id)) throw this.#busyError(id);
    this.#busy.add(id);
    try {
      return await work();
    } finally {
      this.#busy.delete(id);
    }
  }
}
