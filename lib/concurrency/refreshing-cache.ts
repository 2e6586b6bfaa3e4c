export interface RefreshingCacheOptions<T> {
  load(): Promise<T>;
  /** Milliseconds of a clock that never goes back. */
  monotonicNow(): number;
  /** Milliseconds after which a value is loaded again. */
  readonly freshFor: number;
  /** Milliseconds for which a value is served while it cannot be loaded again. @default 0 */
  readonly usableFor?: number;
  /** Milliseconds from the start of a load to that of the next one. */
  readonly pauses?: {
    readonly afterSuccess?: number;
    /** While an earlier value is held. */
    readonly afterFailure?: number;
    readonly whileEmpty?: number;
  };
}

/** One value that is loaded when it is needed, by one load at a time, and kept for a while. */
export class RefreshingCache<T> {
  readonly #options: RefreshingCacheOptions<T>;
  #held: { readonly value: T; readonly loadedAt: number } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #startedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<T> | undefined;

  constructor(options: RefreshingCacheOptions<T>) {
    this.#options = options;
  }

  /** Returns the value, loaded if it is not fresh. @throws what `load` throws when there is no usable value */
  async get(): Promise<T> {
    if (this.#held !== undefined && this.#ageOf(this.#held) < this.#options.freshFor) return this.#held.value;
    return await this.refresh();
  }

  /** Returns the value as it is now, as far as the pauses between loads permit. @throws as `get` */
  async refresh(): Promise<T> {
    if (this.#loading === undefined && this.#isPausing()) return this.#current();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return await this.#loading;
  }

  async #load(): Promise<T> {
    const loadedAt = this.#options.monotonicNow();
    this.#startedAt = loadedAt;
    try {
      this.#held = { value: await this.#options.load(), loadedAt };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error };
    }
    return this.#current();
  }

  #isPausing(): boolean {
    const { afterSuccess = 0, afterFailure = 0, whileEmpty = 0 } = this.#options.pauses ?? {};
    const pause =
      this.#held === undefined ? whileEmpty : this.#failure === undefined ? afterSuccess : afterFailure;
    return this.#options.monotonicNow() - this.#startedAt < pause;
  }

  #current(): T {
    const { usableFor = 0 } = this.#options;
    const isUsable = (held: { readonly loadedAt: number }) =>
      this.#failure === undefined || this.#ageOf(held) < usableFor;
    if (this.#held !== undefined && isUsable(this.#held)) return this.#held.value;
    throw this.#failure?.error;
  }

  #ageOf({ loadedAt }: { readonly loadedAt: number }): number {
    return this.#options.monotonicNow() - loadedAt;
  }
}
