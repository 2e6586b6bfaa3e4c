import { checkOut, resolveCommit } from "./checkout.ts";
import { buildLoad } from "./load.ts";
import { ROOT } from "./paths.ts";
import { describeMachine, describeRounds, publish, warnIfBusy } from "./report.ts";
import { measureRounds, type Plan } from "./round.ts";
import { docklessOf } from "./servers.ts";

const WORKING_TREE = "working tree";

/** Fraction of the commit's performance that the working tree must reach in each row, by medians. */
export const LEAST_SHARE = 0.95;

/** Short measurements in new processes, instead of a long one, distribute the effects of other load over both contenders. */
const MEASUREMENTS_PER_ROUND = 3;

interface AgainstOptions extends Omit<Plan, "contenders" | "limits"> {
  readonly out: string | undefined;
}

/** Measures the working tree and a commit, and sets a failing exit code when the working tree is slower. */
export async function benchAgainst(revision: string, options: AgainstOptions): Promise<void> {
  const commit = await resolveCommit(revision);
  warnIfBusy();
  const rounds = options.rounds * MEASUREMENTS_PER_ROUND;
  const machine = await describeMachine(describeRounds(rounds, options.effort));
  await buildLoad();
  await using checkout = await checkOut(commit);
  const { name, folder } = checkout;
  const contenders = [docklessOf(WORKING_TREE, ROOT), docklessOf(name, folder)];
  const figures = await measureRounds({ ...options, rounds, contenders, limits: false });
  const table = figures.markdown(options.parts, [WORKING_TREE, name]);
  const regressions = figures.regressions(options.parts, WORKING_TREE, name, LEAST_SHARE);
  const count = regressions.length === 0 ? "No" : regressions.length;
  const verdict = `${count} medians below ${LEAST_SHARE} of the performance of ${name}.`;
  await publish(
    [table, machine, "", ...regressions.map((row) => `Regression: ${row}`), verdict],
    options.out,
  );
  if (regressions.length > 0) process.exitCode = 1;
}
