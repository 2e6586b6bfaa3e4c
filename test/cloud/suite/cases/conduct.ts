import { requireNone } from "../../../soak/report.ts";
import type { Stage } from "../stage.ts";

/** Guarantee: functions need only the permissions of their roles, stay within their time limits, and read a body before they respond. */
export async function verifyConduct({ report, cloud, mode }: Omit<Stage, "options">): Promise<void> {
  await report.case(`${mode}: permissions and time limits of the functions`, async () => {
    const stats = Object.entries(await cloud.stats());
    const problems = stats.flatMap(
      ([name, { denied, early, timeouts, throttled, failures, killed, shutDown }]) => [
        ...[...new Set(denied)].map((what) => `${name}: access denied: ${what}`),
        ...unlessZero(early, `${name} responded before it had read the body`),
        ...unlessZero(timeouts, `${name} exceeded its time limit`),
        ...unlessZero(throttled, `${name} was throttled`),
        // An environment that is killed or shut down fails its requests.
        ...(killed + shutDown === 0 ? unlessZero(failures, `${name} failed`) : []),
      ],
    );
    const figures = stats.map(([name, { invocations, environments }]) => {
      return `${name} ${invocations} invocations in ${environments} environments`;
    });
    return requireNone(problems, figures.join(", "));
  });
}

function unlessZero(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${what}: ${count} times`];
}
