import { ALLOWANCES, type Allowance, DISABLED_SWITCH } from "./allowances.ts";
import type { Case } from "./junit.ts";
import type { ProgramName } from "./programs.ts";

/** Result of a run of a program. */
export interface RunResult {
  readonly program: ProgramName;
  /** Whether the registry redirects pulls of blobs. */
  readonly redirects: boolean;
  readonly cases: readonly Case[];
  readonly exitCode: number | null;
  /** Output of the program. */
  readonly output: string;
  /** Switches, APIs and data sets that were not tested. */
  readonly untested: readonly string[];
}

/** Verdict on a run, which passes without failures. */
export interface Verdict {
  /** Number of passed cases. */
  readonly passed: number;
  readonly failures: readonly string[];
  readonly allowed: readonly string[];
}

/** Compares the result of a run with the allowances. */
export function judge(outcome: RunResult, allowances: readonly Allowance[] = ALLOWANCES): Verdict {
  const { program, redirects, cases } = outcome;
  const mine = allowances.filter((allowance) => {
    return allowance.program === program && (redirects || allowance.redirects !== true);
  });
  const passed = cases.filter((found) => found.outcome === "passed").length;
  const others = cases
    .filter((found) => found.outcome !== "passed")
    .map((found) => ({ found, allowance: mine.find(({ covers }) => covers(found, cases)) }));
  const needed = new Set(others.map(({ allowance }) => allowance));
  const failures = [
    ...others.filter(({ allowance }) => allowance === undefined).map(({ found }) => describe(found)),
    ...mine
      .filter((allowance) => !needed.has(allowance))
      .map(({ reason }) => `an allowance is not needed: ${reason}`),
    ...findOtherFailures(outcome),
  ];
  const allowed = others.flatMap(({ found, allowance }) =>
    allowance === undefined ? [] : [`${found.outcome}: ${found.name}: ${allowance.reason}`],
  );
  if (isSwitchedOff(outcome)) allowed.push(`not tried: ${DISABLED_SWITCH.what}: ${DISABLED_SWITCH.why}`);
  return { passed, failures, allowed };
}

/** Finds failures that no case shows. */
function findOtherFailures(outcome: RunResult): string[] {
  const { cases, exitCode, output } = outcome;
  const failures = withoutSwitchedOff(outcome).map((left) => `not tried: ${left}`);
  if (cases.length === 0) failures.push(`no case ran; the program ended with code ${exitCode}`);
  if (exitCode !== 0 && cases.length > 0 && cases.every((found) => found.outcome !== "failed")) {
    failures.push(`the program ended with code ${exitCode}, though no case failed`);
  }
  return [...failures, ...findWarnings(output)];
}

/** Returns whether the switch of `SWITCHED_OFF` must be off. */
function isSwitchedOff({ program, redirects }: RunResult): boolean {
  return redirects && program === "newer";
}

function withoutSwitchedOff(outcome: RunResult): readonly string[] {
  const { untested } = outcome;
  if (!isSwitchedOff(outcome)) return untested;
  const at = untested.indexOf(DISABLED_SWITCH.what);
  return at === -1 ? [...untested, `that ${DISABLED_SWITCH.what}`] : untested.toSpliced(at, 1);
}

/** Finds warnings: the older program passes a case with a warning where the registry lacks a feature. */
function findWarnings(output: string): string[] {
  return [...output.matchAll(/WARNING: (.*)/g)].map(([, warning]) => `warning: ${warning}`);
}

/** Length to which reasons are cut, since a mismatch of bodies quotes both. The reports have the full text. */
const MAX_REASON_LENGTH = 400;

function describe({ name, outcome, reason, exchanges }: Case): string {
  const last = exchanges.at(-1);
  const exchange = last === undefined ? "" : ` (${last.method} ${last.url} -> ${last.status})`;
  return `${outcome}: ${name}: ${reason.slice(0, MAX_REASON_LENGTH)}${exchange}`;
}
