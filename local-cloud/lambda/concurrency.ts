/**
 * Limit of concurrently running environments: that of the account, or a function's reserved concurrency.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export class Concurrency {
  readonly #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Acquires one. @returns false when none is available */
  take(): boolean {
    if (this.#taken >= this.#limit) return false;
    this.#taken++;
    return true;
  }

  /** Releases an acquired one. */
  give(): void {
    this.#taken--;
  }
}
