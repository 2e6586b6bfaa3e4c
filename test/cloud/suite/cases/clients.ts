import { join } from "node:path";
import { runSuite } from "../../../stores/suite.ts";
import { signedIn } from "../cloud-process.ts";
import type { Stage } from "../stage.ts";

/** Options without the layer of several hundred megabytes, which takes most of the time. */
const QUICK = ["--sizes", "1k,12m,multi,copy,absent"];

/** Guarantee: real clients sign in, push, and pull what they pushed. */
export async function runClients({ report, cloud, mode, options }: Stage): Promise<void> {
  await report.case(`${mode}: clients`, () => {
    const command = ["node", "test/clients/run.ts", ...signedIn(cloud), ...(options.quick ? QUICK : [])];
    return runSuite({ log: join(options.folder, `clients-${mode}.log`), command });
  });
}
