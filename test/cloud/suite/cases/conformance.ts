import { join } from "node:path";
import { runSuite } from "../../../stores/suite.ts";
import { signedIn } from "../cloud-process.ts";
import type { Stage } from "../stage.ts";

/** Guarantee: conformance to the distribution specification, through CloudFront and API Gateway. */
export async function runConformance({ report, cloud, mode, options }: Stage): Promise<void> {
  await report.case(`${mode}: conformance`, () => {
    const flags = [...signedIn(cloud), "--redirects"];
    const command = ["node", "test/conformance/run.ts", ...flags];
    return runSuite({ log: join(options.folder, `conformance-${mode}.log`), command });
  });
}
