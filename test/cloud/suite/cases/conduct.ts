import { requireNone } from "../../../soak/report.ts";
import type { Stage } from "../stage.ts";

/**
 * Guarantee: functions need only the permissions of their roles, stay within their time limits, and read a body before they
 * respond; and no request was throttled.
 */
export async function verifyConduct({ report, cloud, mode }: Omit<Stage, "options">): Promise<void> {
  await report.case(`${mode}: permissions and time limits of the functions`, async () => {
    const stats = Object.entries(await cloud.stats());
    const problems = stats.flatMap(([name, { denied, early, timeouts, throttled, failures, killed }]) => [
      ...[...new Set(denied)].map((what) => `${name}: access denied: ${what}`),
      ...unlessZero(early, `${name} responded before it had read the body`),
      ...unlessZero(timeouts, `${name} exceeded its time limit`),
      ...unlessZero(throttled, `${name} was throttled`),
      // A killed environment fails all its requests.
      ...(killed === 0 ? unlessZero(failures, `${name} failed`) : []),
    ]);
    const { "API Gateway 429": rejected = 0 } = await cloud.refusals();
    problems.push(...unlessZero(rejected, "API Gateway rejected requests with 429"));
    const figures = stats.map(([name, { invocations, environments }]) => {
      return `${name} ${invocations} invocations in ${environments} environments`;
    });
    return requireNone(problems, figures.join(", "));
  });
}

function unlessZero(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${what}: ${count} times`];
}
