import { requireNone } from "../../../soak/report.ts";
import type { Stage } from "../stage.ts";

/** Promise: functions do only what their roles allow, in time, and read a body before they answer. */
export async function judgeConduct({ report, cloud, mode }: Omit<Stage, "options">): Promise<void> {
  await report.case(`${mode}: the conduct of the functions`, async () => {
    const stats = Object.entries(await cloud.stats());
    const problems = stats.flatMap(([name, { denied, early, timeouts, throttled, failures, killed }]) => [
      ...[...new Set(denied)].map((what) => `${name}: access denied: ${what}`),
      ...unlessZero(early, `${name} answered before it had read the body`),
      ...unlessZero(timeouts, `${name} took too long`),
      ...unlessZero(throttled, `${name} was throttled`),
      // An environment that is killed takes all its requests with it.
      ...(killed === 0 ? unlessZero(failures, `${name} failed`) : []),
    ]);
    const figures = stats.map(([name, { invocations, environments }]) => {
      return `${name} ${invocations} invocations in ${environments} environments`;
    });
    return requireNone(problems, figures.join(", "));
  });
}

function unlessZero(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${what}: ${count} times`];
}
