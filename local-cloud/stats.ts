/** What one function has done since it was started, or since the figures were last reset. */
export class FunctionStats {
  invocations = 0;
  /** Milliseconds, each invocation rounded up; of a web function: the time that its environments were busy. */
  billedMs = 0;
  /** Milliseconds from the start of environments until they were ready. */
  initMs = 0;
  environments = 0;
  failures = 0;
  timeouts = 0;
  throttled = 0;
  /** Environments killed during a request, on purpose. */
  killed = 0;
  /** Requests that were answered before their body was read: in a web function they hang. */
  early = 0;
  /** How often AWS was called, by kind. */
  calls: Record<string, number> = {};
  /** Calls that the function's role does not allow, with what was missing. */
  denied: string[] = [];

  called(kind: string): void {
    this.calls[kind] = (this.calls[kind] ?? 0) + 1;
  }
}

/** Refusals by the front doors, by what they say. */
export type Refusals = Record<string, number>;

/** The figures of the whole cloud. */
export class Stats {
  readonly #functions = new Map<string, FunctionStats>();
  refusals: Refusals = {};

  of(name: string): FunctionStats {
    const known = this.#functions.get(name) ?? new FunctionStats();
    this.#functions.set(name, known);
    return known;
  }

  refused(by: string, status: number): void {
    const key = `${by} ${status}`;
    this.refusals[key] = (this.refusals[key] ?? 0) + 1;
  }

  reset(): void {
    for (const stats of this.#functions.values()) Object.assign(stats, new FunctionStats());
    this.refusals = {};
  }

  toJSON(): object {
    return { functions: Object.fromEntries(this.#functions), refusals: this.refusals };
  }
}
