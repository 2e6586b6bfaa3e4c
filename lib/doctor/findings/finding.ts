export type Status = "ok" | "warning" | "failed" | "skipped";

/** What a reader needs in order to act. */
export interface Explanation {
  readonly expected: string;
  readonly came: string;
  readonly cause: string;
  readonly advice: string;
}

export type Finding =
  | { readonly status: "ok" | "skipped"; readonly summary: string }
  | ({ readonly status: "warning" | "failed"; readonly summary: string } & Explanation);

export function ok(summary: string): Finding {
  return { status: "ok", summary };
}

export function skipped(summary: string): Finding {
  return { status: "skipped", summary };
}

export function warning(summary: string, explanation: Explanation): Finding {
  return { status: "warning", summary, ...explanation };
}

/** Ends a check as failed. */
export class Problem extends Error {
  readonly explanation: Explanation;

  constructor(summary: string, explanation: Explanation) {
    super(summary);
    this.explanation = explanation;
  }
}

/** Nothing answers at that address at all, so nothing is known about the registry. */
export class Unreachable extends Problem {}

/** A check could not be made, since something failed that another check is about. */
export class Unmet extends Error {
  readonly check: string;

  constructor(check: string, cause: unknown) {
    super(`needs what "${check}" checks`, { cause });
    this.check = check;
  }
}

/** There is a sign-in, and nothing to sign in with. */
export class NoCredentials extends Error {}
