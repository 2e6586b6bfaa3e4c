import { join } from "node:path";
import type { Report } from "../../soak/report.ts";
import type { Options } from "../options.ts";
import { runSuite } from "../suite.ts";
import { withReplica } from "../support/replicas.ts";

/** Options without the layer of several hundred megabytes, which takes most of the time. */
const QUICK = ["--sizes", "1k,12m,multi,copy,absent"];

/** Guarantee: clients pull what they pushed, with pulls redirected to S3. */
export async function runClients(report: Report, { quick, folder }: Options): Promise<void> {
  await report.case("clients: pulls redirected to S3", () => {
    return withReplica({ redirect: true }, async ({ url }) => {
      const command = [process.execPath, "test/clients/run.ts", "--url", url, ...(quick ? QUICK : [])];
      return await runSuite({ log: join(folder, "clients.log"), command });
    });
  });
}
