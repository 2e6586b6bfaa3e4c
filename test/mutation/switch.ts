/** The global function by which instrumented code determines which mutation is active. */
export const SWITCH = "__isMutated";

/** Key under which each run passes its mode to the workers of Vitest. */
export const SWITCH_MODE = "mutation";

/** Id of the mutant to activate; without one, the tests record what they reach. */
export interface SwitchMode {
  readonly active?: number;
}

declare module "vitest" {
  interface ProvidedContext {
    [SWITCH_MODE]: SwitchMode;
  }
}

/** Ids of the mutants that a test reaches, and that were reached outside of tests before it. */
export interface Recorded {
  readonly inside: readonly number[];
  readonly outside: readonly number[];
}
