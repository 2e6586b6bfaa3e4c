/** Source and lifetimes of a cached value. */
export interface RefreshingCacheOptions<T> {
  load(): Promise<T>;
  /** Returns milliseconds of a monotonic clock. */
  monotonicNow(): number;
  /** Milliseconds after which a value is loaded again. */
  readonly freshMilliseconds: number;
  /** Maximum age in milliseconds of a value that is returned after a failed load. @default 0 */
  readonly usableMilliseconds?: number;
  /** Minimum interval between the starts of two loads, in milliseconds. */
  readonly pauseMilliseconds?: {
    readonly afterSuccess?: number;
    /** After a failed load, while an earlier value is cached. */
    readonly afterFailure?: number;
    /** After a failed load, while no value is cached. */
    readonly whileEmpty?: number;
  };
}

/** A cached value that is loaded on demand, at most one load at a time, and reloaded when it has expired. */
export class RefreshingCache<T> {
  readonly #options: RefreshingCacheOptions<T>;
  #held: { readonly value: T; readonly loadedAt: number } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #startedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<T> | undefined;

  constructor(options: RefreshingCacheOptions<T>) {
    this.#options = options;
  }

  /** Returns the value, loading it first unless it is fresh. @throws the error of `load` when no usable value is cached */
  async get(): Promise<T> {
    if (this.#held !== undefined && this.#ageOf(this.#held) < this.#options.freshMilliseconds)
      return this.#held.value;
    return await this.refresh();
  }

  /** Reloads the value unless the last load is too recent, and returns the value. @throws like `get` */
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
    const { afterSuccess = 0, afterFailure = 0, whileEmpty = 0 } = this.#options.pauseMilliseconds ?? {};
    const pause =
      this.#held === undefined ? whileEmpty : this.#failure === undefined ? afterSuccess : afterFailure;
    return this.#options.monotonicNow() - this.#startedAt < pause;
  }

  #current(): T {
    const { usableMilliseconds: maxAge = 0 } = this.#options;
    const isWithinLimit = (held: { readonly loadedAt: number }) =>
      this.#failure === undefined || this.#ageOf(held) < maxAge;
    if (this.#held !== undefined && isWithinLimit(this.#held)) return this.#held.value;
    throw this.#failure?.error;
  }

  #ageOf({ loadedAt }: { readonly loadedAt: number }): number {
    return this.#options.monotonicNow() - loadedAt;
  }
}
