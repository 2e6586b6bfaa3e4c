/** Message to the runtime in an environment. */
export interface Invocation {
  /** Event in JSON. */
  readonly event: string;
  readonly requestId: string;
  /** Deadline in epoch milliseconds. */
  readonly deadline: number;
}

/** Message of the runtime: ready, the result of an invocation, or an error of the start or an invocation. */
export type Told =
  | { readonly ready: true }
  | { readonly payload: string }
  | { readonly errorType: string; readonly errorMessage: string };
