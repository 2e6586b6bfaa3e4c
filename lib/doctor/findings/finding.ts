/** Status of a check. */
export type Status = "ok" | "warning" | "failed" | "skipped";

/** The explanation of a failure or warning. */
export interface Explanation {
  /** Expected behaviour. */
  readonly expected: string;
  /** Actual behaviour. */
  readonly actual: string;
  /** Likely cause. */
  readonly cause: string;
  /** Steps that fix the cause. */
  readonly advice: string;
}

/** The reason why a check could not run: missing credentials, or the failed check with this name. */
export type Blocker = "credentials" | (string & {});

/** The outcome of a check. */
export type Finding =
  | { readonly status: "ok"; readonly summary: string }
  | { readonly status: "skipped"; readonly summary: string; readonly blockedBy?: Blocker }
  | ({ readonly status: "warning" | "failed"; readonly summary: string } & Explanation);

/** Creates the finding of a check that passed. */
export function ok(summary: string): Finding {
  return { status: "ok", summary };
}

/** Creates the finding of a check that was not run. @param summary the reason */
export function skipped(summary: string, blockedBy?: Blocker): Finding {
  return { status: "skipped", summary, ...(blockedBy === undefined ? {} : { blockedBy }) };
}

/** Creates the finding of a check that cannot run without credentials. */
export function skippedWithoutCredentials(): Finding {
  return skipped("credentials required: use --username and --password-stdin", "credentials");
}

/** Creates the finding of a check that passed with a defect that most clients tolerate. */
export function warning(summary: string, explanation: Explanation): Finding {
  return { status: "warning", summary, ...explanation };
}

/** The failure of a check. */
export class CheckFailure extends Error {
  readonly explanation: Explanation;

  constructor(summary: string, explanation: Explanation) {
    super(summary);
    this.explanation = explanation;
  }
}

/** The failure to connect to the registry. */
export class Unreachable extends CheckFailure {}

/** The failure of a prerequisite, which another check covers. */
export class UnmetPrerequisite extends Error {
  readonly check: string;

  constructor(check: string, cause: unknown) {
    super(`requires that "${check}" passes`, { cause });
    this.check = check;
  }
}

/** The registry requires credentials, but none are configured. */
export class MissingCredentials extends Error {}
