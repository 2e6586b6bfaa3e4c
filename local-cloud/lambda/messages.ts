/** Message to an environment's runtime. */
export interface Invocation {
  /** Event in JSON. */
  readonly event: string;
  readonly requestId: string;
  /** Deadline in epoch milliseconds. */
  readonly deadline: number;
}

/** Message from the runtime: ready, the result of an invocation, or an error from the start or an invocation. */
export type RuntimeMessage =
  | { readonly ready: true }
  | { readonly payload: string }
  | { readonly errorType: string; readonly errorMessage: string };
