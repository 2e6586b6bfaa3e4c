import { join } from "node:path";
import type { Report } from "../../soak/report.ts";
import type { Options } from "../options.ts";
import { runSuite } from "../suite.ts";

/** Guarantee: all contracts of the memory and disk stores hold for S3 and DynamoDB, within the budget of calls. */
export async function runSuites(report: Report, { folder }: Options): Promise<void> {
  await report.case("test suites: stores, HTTP API, AWS calls per request", () => {
    const command = ["npx", "vitest", "run", "--config", "vitest.storage.config.ts"];
    return runSuite({ log: join(folder, "suites.log"), command });
  });
}
