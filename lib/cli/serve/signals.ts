/** The signals that stop the server, with the exit code of a process that one of them ends. */
const EXIT_CODES = { SIGTERM: 143, SIGINT: 130 } as const;

type StopSignal = keyof typeof EXIT_CODES;

/**
 * Time after the first signal in which further ones count as the same. With some shells, npm sends the process the SIGINT of a
 * Ctrl-C that it has received from the terminal already.
 */
const SAME_SIGNAL_MILLISECONDS = 500;

/** A request to stop the process by SIGTERM or SIGINT. The first is waited for; the second ends the process immediately. */
export class StopRequest implements Disposable {
  readonly received: Promise<void>;
  readonly #resolve: () => void;
  #receivedAt: number | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.received = promise;
    this.#resolve = resolve;
    for (const signal of Object.keys(EXIT_CODES)) process.on(signal, this.#handle);
  }

  [Symbol.dispose](): void {
    for (const signal of Object.keys(EXIT_CODES)) process.off(signal, this.#handle);
  }

  readonly #handle = (signal: StopSignal): void => {
    if (this.#receivedAt === undefined) {
      this.#receivedAt = performance.now();
      this.#resolve();
    } else if (performance.now() - this.#receivedAt > SAME_SIGNAL_MILLISECONDS) {
      process.exit(EXIT_CODES[signal]);
    }
  };
}
