import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { synthesize } from "../../../local-cloud/synth.ts";
import { cleanUpOnSignals, withCleanup } from "../../soak/cleanup.ts";
import { Report } from "../../soak/report.ts";
import { runAccess } from "./cases/access.ts";
import { runChaos } from "./cases/chaos.ts";
import { runClients } from "./cases/clients.ts";
import { runCommands } from "./cases/commands.ts";
import { verifyConduct } from "./cases/conduct.ts";
import { runConformance } from "./cases/conformance.ts";
import { runCrowd } from "./cases/crowd.ts";
import { runDirectPush } from "./cases/direct-push.ts";
import { runLarge } from "./cases/large.ts";
import { runOrigins } from "./cases/origins.ts";
import { startCloud } from "./cloud-process.ts";
import { type CaseName, MODE_FLAGS, parseOptions } from "./options.ts";
import type { Stage } from "./stage.ts";

/** Case with a separate stack. */
type OnStage = Exclude<CaseName, "access" | "direct-push">;

const RUNNERS: Readonly<Record<OnStage, (stage: Stage) => Promise<void>>> = {
  origins: runOrigins,
  commands: runCommands,
  conformance: runConformance,
  clients: runClients,
  crowd: runCrowd,
  chaos: runChaos,
  large: runLarge,
};

const options = parseOptions();
const report = new Report();
cleanUpOnSignals();
console.log(
  `seed ${options.seed}${options.quick ? ", quick" : ""}; output of suites and functions is below ${options.folder}`,
);
await mkdir(options.folder, { recursive: true });
const onStage = options.only.filter((name): name is OnStage => name !== "access" && name !== "direct-push");
// These run first, while the environment has no AWS credentials, which `cdk synth` would use.
if (options.only.includes("access")) await runAccess({ report, options });
if (options.only.includes("direct-push")) await runDirectPush({ report, options });
if (onStage.length > 0) {
  await synthesize(join(options.folder, "cdk.out"), true);
  for (const mode of options.modes) await report.case(`${mode}: entire run`, () => play(mode));
}
process.exitCode = report.end();

async function play(mode: Stage["mode"]): Promise<string> {
  const out = ["--out", join(options.folder, "cdk.out")];
  const logs = ["--logs", join(options.folder, `functions-${mode}`)];
  const cloud = await startCloud(
    [...out, ...logs, ...MODE_FLAGS[mode]],
    join(options.folder, `cloud-${mode}.log`),
  );
  return await withCleanup(cloud.stop, async () => {
    // Applies to the clients that access the stores directly.
    Object.assign(process.env, cloud.env);
    const stage = { report, options, cloud, mode };
    for (const name of onStage) await RUNNERS[name](stage);
    await verifyConduct(stage);
    return `on ${cloud.url}`;
  });
}
