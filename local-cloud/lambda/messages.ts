/** What the runtime in an environment is told. */
export interface Invocation {
  /** JSON */
  readonly event: string;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly deadline: number;
}

/** What the runtime in an environment tells: that it is ready, or the end of an invocation or of the start. */
export type Told =
  | { readonly ready: true }
  | { readonly payload: string }
  | { readonly errorType: string; readonly errorMessage: string };
