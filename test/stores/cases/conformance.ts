import { join } from "node:path";
import type { Report } from "../../soak/report.ts";
import type { Options } from "../options.ts";
import { runSuite } from "../suite.ts";
import { withReplica } from "../support/replicas.ts";

/** Guarantee: conformance to the distribution specification, for streamed and for redirected pulls. */
export async function runConformance(report: Report, { folder }: Options): Promise<void> {
  for (const redirect of [false, true]) {
    const how = redirect ? "pulls redirected to S3" : "pulls streamed";
    await report.case(`conformance: ${how}`, () => {
      return withReplica({ redirect }, async ({ url }) => {
        const flags = ["--url", url, ...(redirect ? ["--redirects"] : [])];
        const command = [process.execPath, "test/conformance/run.ts", ...flags];
        return await runSuite({ log: join(folder, `conformance-${redirect}.log`), command });
      });
    });
  }
}
