import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";
import { buildLoad } from "../load.ts";
import { PUSH_FORMS } from "../measure.ts";
import { describeMachine, publish, warnIfBusy } from "../report.ts";
import { bundleSizes, measureColdStarts } from "./cold-start.ts";
import { LocalCloud } from "./local-cloud.ts";
import { countsOf, type Measured } from "./prices.ts";
import { measureStrangers } from "./strangers.ts";
import { coldStartTable, costTables, sizeTable } from "./tables.ts";
import { getBlob, getManifest, type Pushed, pullImage, pushImage, signIn, type Target } from "./traffic.ts";

const USAGE = `npm run bench -- cloud [options]

Synthesizes the stack, runs it on this machine (npm run cloud), and counts what requests and images cost there:
invocations, billed milliseconds, calls to DynamoDB and S3, dollars. And how long the bundle takes to its first response.

  --reads N    requests of each kind (500)
  --size MIB   size of each of the ten layers of an image (50)
  --starts N   cold starts of each kind (30)
  --quick      few of all, to see that it works: no figures to publish
  --out FILE   write the tables there too
  --save       keep the counts in bench/cloud/measured.json, from which docs/performance.md is checked

Example:
  npm run bench -- cloud --out cloud.md
`;

interface Options {
  readonly reads: number;
  readonly size: number;
  readonly starts: number;
  readonly out: string | undefined;
  readonly save: boolean;
}

const MEASURED = join(import.meta.dirname, "measured.json");

const LAYERS = 10;

/** DynamoDB units of a push and a pull: docs/data-model.md has the same figures, which its tests measure. */
const READ = { reads: 1, writes: 0 };
const UNITS = {
  put: { reads: 48, writes: 113 },
  patch: { reads: 59, writes: 146 },
  pull: { reads: 13, writes: 0 },
} as const;

export async function benchCloud(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  warnIfBusy();
  const about = [`${options.reads} requests of each kind; ten layers of ${options.size} MiB;`];
  const machine = await describeMachine([...about, `${options.starts} cold starts;`]);
  await buildLoad();
  const cloud = await LocalCloud.start();
  try {
    const { measured, pushed, target } = await measureTraffic(cloud, options);
    const starts = await measureColdStarts({
      starts: options.starts,
      variables: await cloud.variables(),
      requests: {
        "GET /v2/, which is challenged": { path: "/v2/", authorization: "", host: "", status: 401 },
        "GET of a manifest": {
          ...{ path: manifestPath(target, pushed), status: 200 },
          ...{ authorization: target.authorization, host: new URL(cloud.url).host },
        },
      },
    });
    const counts = measured.map(countsOf);
    if (options.save) await writeFile(MEASURED, `${JSON.stringify(counts, undefined, 2)}\n`);
    const tables = [...costTables(counts), coldStartTable(starts), sizeTable(await bundleSizes())];
    await publish([...tables, machine], options.out);
  } finally {
    await cloud.stop();
  }
}

async function measureTraffic(cloud: LocalCloud, { reads, size }: Options) {
  const layers = { count: LAYERS, size: size * 2 ** 20 };
  const account = await cloud.account();
  const measured: Measured[] = [];
  let pushed: Pushed | undefined;
  for (const form of PUSH_FORMS) {
    const usage = await cloud.during(async () => {
      pushed = await pushImage(cloud.url, account, form, layers);
    });
    measured.push({
      title: `push of ten layers by ${form.toUpperCase()}`,
      times: 1,
      usage,
      units: UNITS[form],
      objects: 0,
      uploadedBytes: pushed?.bytes ?? 0,
    });
  }
  if (pushed === undefined) throw new Error("nothing was pushed");
  const image = pushed;
  const pull = await cloud.during(() => pullImage(image, account));
  const reading = { objects: 0, uploadedBytes: 0 };
  measured.push({ title: "pull of ten layers", times: 1, usage: pull, units: UNITS.pull, ...reading });
  const target = await signIn(image.repository, account);
  const manifests = await cloud.repeat(reads, () => getManifest(target, image.tag));
  measured.push({ title: "manifest GET", times: reads, usage: manifests, units: READ, ...reading });
  const redirects = await cloud.repeat(reads, () => getBlob(target, image.blobs[1] ?? ""));
  measured.push({ title: "blob GET", times: reads, usage: redirects, units: READ, ...reading, objects: 1 });
  const strangers = await measureStrangers(cloud, reads);
  return { measured: [...measured.reverse(), ...strangers], pushed: image, target };
}

function manifestPath({ repository }: Target, { tag }: Pushed): string {
  return `${new URL(repository).pathname}/manifests/${tag}`;
}

function parseOptions(args: readonly string[]): Options {
  const options = {
    reads: { type: "string" },
    size: { type: "string" },
    starts: { type: "string" },
    quick: { type: "boolean" },
    save: { type: "boolean" },
    out: { type: "string" },
  } as const;
  const values = parseSuiteArgs(USAGE, options, args);
  const quick = values.quick === true;
  return {
    reads: parseCount("--reads", values.reads, quick ? 20 : 500),
    size: parseCount("--size", values.size, quick ? 1 : 50),
    starts: parseCount("--starts", values.starts, quick ? 3 : 30),
    out: values.out,
    save: values.save === true,
  };
}

function parseCount(option: string, text: string | undefined, otherwise: number): number {
  const count = Number(text ?? otherwise);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new Error(`${option} ${text}: not a whole number above zero`);
}
