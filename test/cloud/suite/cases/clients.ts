import { join } from "node:path";
import { runSuite } from "../../../stores/suite.ts";
import { signedIn } from "../cloud-process.ts";
import type { Stage } from "../stage.ts";

/** The layer of several hundred megabytes takes most of the time. */
const QUICK = ["--sizes", "1k,12m,multi,copy"];

/** Promise: real clients sign in, and what they push comes out again. */
export async function runClients({ report, cloud, mode, options }: Stage): Promise<void> {
  await report.case(`${mode}: clients`, () => {
    const command = ["node", "test/clients/run.ts", ...signedIn(cloud), ...(options.quick ? QUICK : [])];
    return runSuite({ log: join(options.folder, `clients-${mode}.log`), command });
  });
}
