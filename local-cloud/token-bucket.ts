/** Rate in requests per second, and the burst of requests accepted above it. */
export interface Rate {
  readonly rate: number;
  readonly burst: number;
}

/** "API Gateway throttles requests to your API using the token bucket algorithm, where a token counts for a request". */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /** @param now monotonic time in milliseconds */
  constructor(rate: Rate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.burst;
    this.#filledAt = now();
  }

  /** Takes a token. @returns false if the bucket is empty */
  take(): boolean {
    const now = this.#now();
    const { rate, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * rate);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
