import type { Equivalent } from "./equivalents.ts";
import type { Judged } from "./run-module.ts";

/** Maximum share of surviving mutants, each of which needs a reason. */
const MAX_SURVIVING_SHARE = 0.05;

export interface Verdict {
  readonly killed: number;
  /** Number of killed mutants that exceeded the time limit. */
  readonly timeouts: number;
  readonly equivalent: number;
  readonly survived: number;
  readonly failures: readonly string[];
}

/** Compares the results with the list of equivalent mutants, which must be exact. @param keys of all mutants of the module */
export function judge(
  judged: readonly Judged[],
  equivalents: readonly Equivalent[],
  keys: ReadonlySet<string>,
): Verdict {
  const listed = new Set(equivalents.map(({ key }) => key));
  const alive = judged.filter(({ result }) => result.outcome === "survived");
  const survived = alive.filter(({ mutant }) => !listed.has(mutant.key));
  const killed = judged.filter(({ result }) => result.outcome !== "survived");
  const share = alive.length / judged.length;
  return {
    killed: killed.length,
    timeouts: killed.filter(({ result }) => result.outcome === "timeout").length,
    equivalent: alive.length - survived.length,
    survived: survived.length,
    failures: [
      ...survived.map(({ mutant }) => `survived: ${mutant.file}:${mutant.line} ${mutant.key}`),
      ...killed
        .filter(({ mutant }) => listed.has(mutant.key))
        .map(
          ({ mutant, result }) =>
            `listed as equivalent, but killed by ${result.test ?? "time"}: ${mutant.key}`,
        ),
      ...equivalents
        .filter(({ key }) => !keys.has(key))
        .map(({ key }) => `equivalent mutant not found: ${key}`),
      ...(share > MAX_SURVIVING_SHARE ? [`${(100 * share).toFixed(1)} % survived, at most 5 % may`] : []),
    ],
  };
}
