/** Name of the global function that returns, in instrumented code, whether a mutation is active. */
export const SWITCH = "__isMutated";

/** Key of the value that passes the mode of each run to the workers of Vitest. */
export const SWITCH_MODE = "mutation";

/** Mode of a run: the id of the mutant to activate; without one, coverage is recorded. */
export interface SwitchMode {
  readonly active?: number;
}

declare module "vitest" {
  interface ProvidedContext {
    [SWITCH_MODE]: SwitchMode;
  }
}

/** Ids of the mutants that a test reaches, and of those reached outside of tests before it. */
export interface Recorded {
  readonly inside: readonly number[];
  readonly outside: readonly number[];
}
