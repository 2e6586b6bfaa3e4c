/** Work that is running exclusively. */
export interface RunningWork<Use extends string> {
  readonly use: Use;
  /** Resolves when the work has ended. */
  readonly ended: Promise<void>;
}

/** A lock per id that rejects work while other work with the same id is running in this process. */
export class Exclusive<Use extends string = string> {
  readonly #running = new Map<string, RunningWork<Use>>();
  readonly #busyError: (id: string, running: RunningWork<Use>) => Error;

  /** @param busyError creates the error that `run` throws while other work is running */
  constructor(busyError: (id: string, running: RunningWork<Use>) => Error) {
    this.#busyError = busyError;
  }

  /** Runs work exclusively. @throws the error that `busyError` creates, while other work with the same id is running */
  async run<T>(id: string, use: Use, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(id);
    if (running !== undefined) throw this.#busyError(id, running);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.set(id, { use, ended: promise });
    try {
      return await work();
    } finally {
      this.#running.delete(id);
      resolve();
    }
  }
}
