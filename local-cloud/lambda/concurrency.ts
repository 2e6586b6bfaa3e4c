/**
 * Limit on concurrent executions: the account's limit, or a function's reserved concurrency.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export class Concurrency {
  readonly #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Acquires one execution. @returns false when the limit has been reached */
  acquire(): boolean {
    if (this.#taken >= this.#limit) return false;
    this.#taken++;
    return true;
  }

  /** Releases an acquired execution. */
  release(): void {
    this.#taken--;
  }
}
