import { requireNone } from "../../../soak/report.ts";
import { Journal } from "../../../soak/support/journal.ts";
import { audit } from "../../../stores/audit.ts";
import { runLoad } from "../../../stores/support/load.ts";
import type { Stage } from "../stage.ts";
import { runCutUploads } from "./cut-uploads.ts";

/** Fraction of all requests: a killed environment aborts its other requests, and a push with ten attempts must be able to succeed. */
const RATE = 0.02;

/** Guarantee: repeated pushes succeed, and nothing acknowledged is lost when environments are killed. */
export async function runChaos({ report, cloud, mode, options }: Stage): Promise<void> {
  await report.case(`${mode}: environments are killed at random`, async () => {
    const journal = new Journal();
    const milliseconds = options.quick ? 20_000 : 180_000;
    const before = await endedIn(cloud);
    await cloud.setChaos(RATE);
    const load = await runLoad({ url: cloud.url, journal, seed: options.seed, milliseconds }).finally(() =>
      cloud.setChaos(0),
    );
    const after = await endedIn(cloud);
    const [killed, shutDown] = [after.killed - before.killed, after.shutDown - before.shutDown];
    const found = await audit(cloud.url, cloud.location, journal);
    const problems = [...load.problems, ...found.problems];
    if (killed === 0) problems.push("no environment was killed");
    if (shutDown === 0) problems.push("no environment was shut down");
    const ended = `${killed} environments killed, ${shutDown} shut down`;
    return requireNone(problems, `${load.figures}; ${ended}; ${found.figures}`);
  });
  await runCutUploads({ report, cloud, mode, options });
}

/** Returns the number of environments of all functions that fault injection has ended. */
async function endedIn(cloud: Stage["cloud"]) {
  const stats = Object.values(await cloud.stats());
  return {
    killed: stats.reduce((sum, { killed }) => sum + killed, 0),
    shutDown: stats.reduce((sum, { shutDown }) => sum + shutDown, 0),
  };
}
