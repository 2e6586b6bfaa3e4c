import { mkdir } from "node:fs/promises";
import { type AwsServers, startAwsServers } from "../../local-cloud/support/aws.ts";
import { endpointVariables } from "../../local-cloud/support/aws-endpoints.ts";
import { cleanUpOnSignals, withCleanup } from "../soak/cleanup.ts";
import { Report } from "../soak/report.ts";
import { runClients } from "./cases/clients.ts";
import { runConformance } from "./cases/conformance.ts";
import { runFaults } from "./cases/faults.ts";
import { runLarge } from "./cases/large.ts";
import { runOutages } from "./cases/outages.ts";
import { runReplicas } from "./cases/replicas.ts";
import { runSuites } from "./cases/suites.ts";
import { type CaseName, type Options, parseOptions } from "./options.ts";

const RUNNERS: Readonly<Record<CaseName, (report: Report, options: Options) => Promise<void>>> = {
  suites: runSuites,
  conformance: runConformance,
  clients: runClients,
  replicas: runReplicas,
  outages: runOutages,
  faults: runFaults,
  large: runLarge,
};

const options = parseOptions();
const report = new Report();
cleanUpOnSignals();
console.log(
  `seed ${options.seed}${options.quick ? ", quick" : ""}; output of the suites is below ${options.folder}`,
);
await mkdir(options.folder, { recursive: true });
const servers = await startServers();
if (servers !== undefined) {
  await withCleanup(servers.dispose, async () => {
    // Applies to this process and to all child processes.
    Object.assign(process.env, servers.env, endpointVariables(servers));
    for (const name of options.only) await RUNNERS[name](report, options);
  });
}
process.exitCode = report.end();

/** Starts the servers as a separate case, because they require programs that a machine may lack. */
async function startServers(): Promise<AwsServers | undefined> {
  const started: AwsServers[] = [];
  await report.case("servers: S3 and DynamoDB", async () => {
    started.push(await startAwsServers());
    return "both response";
  });
  return started[0];
}
