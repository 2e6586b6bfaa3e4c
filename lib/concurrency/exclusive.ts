/** Rejects a piece of work while another one with the same id runs in this process. */
export class Exclusive {
  readonly #busy = new Set<string>();
  readonly #busyError: (id: string) => Error;

  /** @param busyError makes the error that `run` throws while other work runs */
  constructor(busyError: (id: string) => Error) {
    this.#busyError = busyError;
  }

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
