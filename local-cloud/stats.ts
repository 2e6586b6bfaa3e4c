/** Statistics on one function since its start or the last reset. */
export class FunctionStats {
  invocations = 0;
  /** Billed milliseconds, rounded up per invocation; for a web function, the time during which its environments were busy. */
  billedMs = 0;
  /** Total milliseconds from the start of environments until they were ready. */
  initMs = 0;
  environments = 0;
  failures = 0;
  timeouts = 0;
  throttled = 0;
  /** Number of environments killed during a request by fault injection. */
  killed = 0;
  /** Number of environments shut down during a request by fault injection. */
  shutDown = 0;
  /** Number of requests answered before their body had been read; in a real web function, such requests hang. */
  early = 0;
  /** Number of calls to AWS, by kind. */
  calls: Record<string, number> = {};
  /** Missing permissions of calls that the function's role denied. */
  denied: string[] = [];

  /** Counts a call to AWS. */
  recordCall(kind: string): void {
    this.calls[kind] = (this.calls[kind] ?? 0) + 1;
  }
}

/** Number of rejected requests, by gateway and status. */
export type Refusals = Record<string, number>;

/** Statistics on the entire local cloud. */
export class Stats {
  readonly #functions = new Map<string, FunctionStats>();
  refusals: Refusals = {};

  /** Returns a function's statistics, creating them if necessary. */
  of(name: string): FunctionStats {
    const known = this.#functions.get(name) ?? new FunctionStats();
    this.#functions.set(name, known);
    return known;
  }

  /** Counts a request that a gateway rejected. */
  recordRejection(by: string, status: number): void {
    const key = `${by} ${status}`;
    this.refusals[key] = (this.refusals[key] ?? 0) + 1;
  }

  /** Resets all statistics. */
  reset(): void {
    for (const stats of this.#functions.values()) Object.assign(stats, new FunctionStats());
    this.refusals = {};
  }

  /** Returns the JSON representation. */
  toJSON(): object {
    return { functions: Object.fromEntries(this.#functions), refusals: this.refusals };
  }
}
