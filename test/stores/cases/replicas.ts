import { join } from "node:path";
import { type AwsLocation, createLocation } from "../../../local-cloud/support/aws-location.ts";
import { runConcurrently } from "../../soak/parallel.ts";
import { type Report, requireNone } from "../../soak/report.ts";
import { Journal } from "../../soak/support/journal.ts";
import { audit } from "../audit.ts";
import type { Options } from "../options.ts";
import { runSuite } from "../suite.ts";
import { CHUNKS, pushInChunks } from "../support/chunks.ts";
import { pushAtOnce } from "../support/crowd.ts";
import { type Fleet, withFleet } from "../support/fleet.ts";

const REPLICAS = 3;

/** Guarantee: any number of servers are one registry, independent of which of them receives a request. */
export async function runReplicas(report: Report, options: Options): Promise<void> {
  const { folder, seed, quick } = options;
  await report.case("replicas: conformance", () => {
    return onFleet(({ url }) => {
      const command = [process.execPath, "test/conformance/run.ts", "--url", url];
      return runSuite({ log: join(folder, "replicas-conformance.log"), command });
    });
  });
  await report.case("replicas: clients", () => {
    return onFleet(({ url }) => {
      const command = [process.execPath, "test/clients/run.ts", "--url", url, "--sizes", "1k,12m"];
      return runSuite({ log: join(folder, "replicas-clients.log"), command });
    });
  });
  await report.case(
    "replicas: chunked uploads of all sizes, with each request sent to another server",
    () => {
      return onFleet(({ url }) => chunkedUploads(url, seed));
    },
  );
  for (const what of ["the same image", "ten images"] as const) {
    const rounds = quick ? 5 : 50;
    await report.case(
      `replicas: ten clients push ${what} to one tag concurrently, ${rounds} times`,
      async () => {
        const location = await createLocation();
        const options = { location, redirect: false, size: REPLICAS };
        return await withFleet(options, ({ url }) => crowd(url, location, what, rounds, seed));
      },
    );
  }
}

async function onFleet(work: (fleet: Fleet) => Promise<string>): Promise<string> {
  return await withFleet({ location: await createLocation(), redirect: false, size: REPLICAS }, work);
}

async function chunkedUploads(url: string, seed: string): Promise<string> {
  const problems: string[] = [];
  const uploads = Object.entries(CHUNKS).flatMap(([name, sizes]) => {
    return (["with a chunk", "empty"] as const).map((closing) => ({ name, sizes, closing }));
  });
  await runConcurrently(uploads, REPLICAS + 1, async ({ name, sizes, closing }) => {
    const where = `${name}, closed ${closing}`;
    const found = await pushInChunks(url, sizes, { closing, seed: `${seed}/${where}` });
    problems.push(...found.map((problem) => `${where}: ${problem}`));
  });
  return requireNone(problems, `${uploads.length} uploads`);
}

async function crowd(
  url: string,
  location: AwsLocation,
  what: "the same image" | "ten images",
  rounds: number,
  seed: string,
): Promise<string> {
  const journal = new Journal();
  const same = what === "the same image";
  const figures = await pushAtOnce({ url, journal, seed: `${seed}/${what}`, rounds, same });
  const found = await audit(url, location, journal);
  return requireNone(found.problems, `${figures}; ${found.figures}`);
}
