import { join } from "node:path";
import { runSuite } from "../../../stores/suite.ts";
import type { Stage } from "../stage.ts";

/** Promise: the distribution spec, through all that stands in front of the functions. */
export async function runConformance({ report, cloud, mode, options }: Stage): Promise<void> {
  await report.case(`${mode}: conformance`, () => {
    const flags = ["--url", cloud.url, "--redirects", "--allow-unavailable"];
    const command = ["node", "test/conformance/run.ts", ...flags];
    return runSuite({ log: join(options.folder, `conformance-${mode}.log`), command });
  });
}
