import type { Equivalent } from "./equivalents.ts";
import type { JudgedMutant } from "./run-module.ts";

/** Share of the mutants that may survive, each with a reason. */
const MAX_SURVIVING_SHARE = 0.05;

/** Verdict on a module, which passes without failures. Counts are of the sample. */
export interface Verdict {
  readonly killed: number;
  /** Number of the killed mutants that the time limit ended. */
  readonly timeouts: number;
  readonly equivalent: number;
  readonly survived: number;
  readonly failures: readonly string[];
}

/** Compares results with the list of equivalent mutants, which must be exact. @param keys keys of all mutants of the module */
export function judge(
  judged: readonly JudgedMutant[],
  equivalents: readonly Equivalent[],
  keys: ReadonlySet<string>,
): Verdict {
  const listed = new Set(equivalents.map(({ key }) => key));
  const survivors = judged.filter(({ result }) => result.outcome === "survived");
  const survived = survivors.filter(({ mutant }) => !listed.has(mutant.key));
  const killed = judged.filter(({ result }) => result.outcome !== "survived");
  const share = survivors.length / judged.length;
  return {
    killed: killed.length,
    timeouts: killed.filter(({ result }) => result.outcome === "timeout").length,
    equivalent: survivors.length - survived.length,
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
