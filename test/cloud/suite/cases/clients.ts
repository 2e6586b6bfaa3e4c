import { join } from "node:path";
import { runSuite } from "../../../stores/suite.ts";
import type { Stage } from "../stage.ts";

/** The layer of several hundred megabytes takes most of the time. */
const QUICK = ["--sizes", "1k,12m,multi,copy"];

/** Promise: what real clients push comes out again. */
export async function runClients({ report, cloud, mode, options }: Stage): Promise<void> {
  await report.case(`${mode}: clients`, () => {
    const command = ["node", "test/clients/run.ts", "--url", cloud.url, ...(options.quick ? QUICK : [])];
    return runSuite({ log: join(options.folder, `clients-${mode}.log`), command });
  });
}
