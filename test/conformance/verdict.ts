import { ALLOWANCES, type Allowance, SWITCHED_OFF } from "./allowances.ts";
import type { Case } from "./junit.ts";
import type { ProgramName } from "./programs.ts";

/** Output of a run of a program. */
export interface Outcome {
  readonly program: ProgramName;
  /** Whether the registry redirects pulls of blobs. */
  readonly redirects: boolean;
  readonly cases: readonly Case[];
  readonly exitCode: number | null;
  /** Text that the program printed. */
  readonly output: string;
  /** Features that it did not try. */
  readonly leftOut: readonly string[];
}

export interface Verdict {
  readonly passed: number;
  readonly failures: readonly string[];
  readonly allowed: readonly string[];
}

export function judge(outcome: Outcome, allowances: readonly Allowance[] = ALLOWANCES): Verdict {
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
      .map(({ why }) => `an allowance is not needed: ${why}`),
    ...findOddities(outcome),
  ];
  const allowed = others.flatMap(({ found, allowance }) =>
    allowance === undefined ? [] : [`${found.outcome}: ${found.name}: ${allowance.why}`],
  );
  if (isSwitchedOff(outcome)) allowed.push(`not tried: ${SWITCHED_OFF.what}: ${SWITCHED_OFF.why}`);
  return { passed, failures, allowed };
}

/** Problems that do not show in any case. */
function findOddities(outcome: Outcome): string[] {
  const { cases, exitCode, output } = outcome;
  const oddities = withoutSwitchedOff(outcome).map((left) => `not tried: ${left}`);
  if (cases.length === 0) oddities.push(`no case ran; the program ended with code ${exitCode}`);
  if (exitCode !== 0 && cases.length > 0 && cases.every((found) => found.outcome !== "failed")) {
    oddities.push(`the program ended with code ${exitCode}, though no case failed`);
  }
  return [...oddities, ...findWarnings(output)];
}

/** For a registry that redirects, exactly one switch must be off. */
function isSwitchedOff({ program, redirects }: Outcome): boolean {
  return redirects && program === "newer";
}

function withoutSwitchedOff(outcome: Outcome): readonly string[] {
  const { leftOut } = outcome;
  if (!isSwitchedOff(outcome)) return leftOut;
  const at = leftOut.indexOf(SWITCHED_OFF.what);
  return at === -1 ? [...leftOut, `that ${SWITCHED_OFF.what}`] : leftOut.toSpliced(at, 1);
}

/** The older program passes a case with a warning when the registry lacks a feature. */
function findWarnings(output: string): string[] {
  return [...output.matchAll(/WARNING: (.*)/g)].map(([, warning]) => `warning: ${warning}`);
}

/** A mismatch of bodies quotes both of them; the reports contain them in full. */
const LONGEST_REASON = 400;

function describe({ name, outcome, reason, exchanges }: Case): string {
  const last = exchanges.at(-1);
  const exchange = last === undefined ? "" : ` (${last.method} ${last.url} -> ${last.status})`;
  return `${outcome}: ${name}: ${reason.slice(0, LONGEST_REASON)}${exchange}`;
}
