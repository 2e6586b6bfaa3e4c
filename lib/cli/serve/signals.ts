/** The signals that stop the server, each with the conventional exit code of a process that it ends. */
const EXIT_CODES = { SIGTERM: 143, SIGINT: 130 } as const;

type StopSignal = keyof typeof EXIT_CODES;

/**
 * Time after the first signal during which further signals are treated as duplicates. With some shells, npm forwards the SIGINT
 * of a Ctrl-C that the process has already received from the terminal.
 */
const SAME_SIGNAL_MILLISECONDS = 500;

/** Handles SIGTERM and SIGINT: the first signal requests a graceful stop, the second ends the process immediately. */
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
