import { requireNone } from "../../../soak/report.ts";
import { Journal } from "../../../soak/support/journal.ts";
import { audit } from "../../../stores/audit.ts";
import { putLoad } from "../../../stores/support/load.ts";
import type { Stage } from "../stage.ts";

/** Fraction of all requests: a killed environment aborts its other requests, and a push with ten attempts must be able to succeed. */
const RATE = 0.02;

/** Guarantee: repeated pushes succeed, and nothing acknowledged is lost when environments are killed. */
export async function runChaos({ report, cloud, mode, options }: Stage): Promise<void> {
  await report.case(`${mode}: environments are killed at random`, async () => {
    const journal = new Journal();
    const milliseconds = options.quick ? 20_000 : 180_000;
    const before = await killedIn(cloud);
    await cloud.setChaos(RATE);
    const load = await putLoad({ url: cloud.url, journal, seed: options.seed, milliseconds }).finally(() =>
      cloud.setChaos(0),
    );
    const killed = (await killedIn(cloud)) - before;
    const found = await audit(cloud.url, cloud.location, journal);
    const problems = [...load.problems, ...found.problems];
    if (killed === 0) problems.push("no environment was killed");
    return requireNone(problems, `${load.figures}; ${killed} environments killed; ${found.figures}`);
  });
}

async function killedIn(cloud: Stage["cloud"]): Promise<number> {
  return Object.values(await cloud.stats()).reduce((sum, { killed }) => sum + killed, 0);
}
