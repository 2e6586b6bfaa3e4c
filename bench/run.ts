import { parseSuiteArgs } from "../local-cloud/support/suite-options.ts";
import { benchAgainst, LEAST_SHARE } from "./against.ts";
import { benchCloud } from "./cloud/run.ts";
import { BARE } from "./limits.ts";
import { buildLoad } from "./load.ts";
import type { Effort } from "./measure.ts";
import { describeMachine, describeRounds, parseRounds, publish, warnIfBusy } from "./report.ts";
import { HASH_OR_DISK, measureRounds } from "./round.ts";
import { CONTENDERS, type Contender } from "./servers.ts";
import { benchStorage } from "./storage/run.ts";
import { PARTS, type Part } from "./table.ts";

const USAGE = `npm run bench -- [options]
npm run bench -- storage [options]
npm run bench -- cloud [options]

Measures the registry on one machine beside its peers; with "storage", its pushes to S3 beside the SDK's own uploader;
with "cloud", what the deployed stack costs. Both have a --help of their own.

  --rounds N       rounds, of which the table shows the medians and extremes (3)
  --quick          one short round, to see that all of it works: no figures to publish
  --only PARTS     some of reads,push,pull,memory,start (all)
  --without NAMES  leave out some of ${CONTENDERS.map(({ name }) => name).join(",")}
  --against REV    instead of the peers, measure that commit of this repository, checked out in a git worktree, in
                   rounds of three short turns each; exits with 1 when the median of a row, p99 aside, is worse:
                   below ${LEAST_SHARE} of that commit's, or the other way round where less is better
  --out FILE       write the table there too

Examples:
  npm run bench -- --without zot
  npm run bench -- --against main --only reads,start
  npm run bench -- --quick --only push,pull
  npm run bench -- storage
  npm run bench -- cloud
`;

const FULL: Effort = { connections: 16, slices: 1, warmupSeconds: 1, seconds: 4, layerBytes: 2 ** 30 };
const SHORT: Effort = { connections: 16, slices: 3, warmupSeconds: 0.3, seconds: 0.7, layerBytes: 2 ** 28 };
const QUICK: Effort = { connections: 16, slices: 1, warmupSeconds: 0.5, seconds: 1, layerBytes: 2 ** 27 };

interface Options {
  readonly rounds: number;
  readonly effort: Effort;
  readonly parts: ReadonlySet<Part>;
  readonly without: ReadonlySet<string>;
  readonly against: string | undefined;
  readonly out: string | undefined;
}

function parseOptions(args: readonly string[]): Options {
  const options = {
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    without: { type: "string" },
    against: { type: "string" },
    out: { type: "string" },
  } as const;
  const values = parseSuiteArgs(USAGE, options, args);
  if (values.against !== undefined && values.without !== undefined)
    throw new Error("--without cannot be combined with --against: no peer is measured then");
  const names = CONTENDERS.map(({ name }) => name);
  return {
    rounds: parseRounds(values.rounds, values.quick),
    effort: values.quick ? QUICK : values.against === undefined ? FULL : SHORT,
    parts: new Set(values.only === undefined ? PARTS : parseList("--only", values.only, PARTS)),
    without: new Set(values.without === undefined ? [] : parseList("--without", values.without, names)),
    against: values.against,
    out: values.out,
  };
}

function parseList<T extends string>(option: string, text: string, known: readonly T[]): T[] {
  return text.split(",").map((name) => {
    const found = known.find((it) => it === name);
    if (found === undefined) throw new Error(`${option} ${name}: not one of ${known.join(", ")}`);
    return found;
  });
}

/** Installs what is to be measured; one that cannot be had is named below the table, and fails the run at its end. */
async function install(wanted: readonly Contender[]): Promise<{ ready: Contender[]; missing: string[] }> {
  const ready: Contender[] = [];
  const missing: string[] = [];
  for (const contender of wanted) {
    try {
      await contender.install();
      ready.push(contender);
    } catch (error) {
      process.stderr.write(
        `\nNOT MEASURED: ${contender.name}: ${error instanceof Error ? error.message : error}\n\n`,
      );
      missing.push(contender.name);
    }
  }
  return { ready, missing };
}

async function benchRegistries(args: readonly string[]): Promise<void> {
  const { against, ...options } = parseOptions(args);
  if (against === undefined) await benchPeers(options);
  else await benchAgainst(against, options);
}

async function benchPeers(options: Omit<Options, "against">): Promise<void> {
  warnIfBusy();
  const machine = await describeMachine(describeRounds(options.rounds, options.effort));
  await buildLoad();
  const wanted = CONTENDERS.filter(({ name }) => !options.without.has(name));
  const { ready, missing } = await install(wanted);
  if (ready.length === 0) throw new Error("no registry is left to measure");
  const figures = await measureRounds({ ...options, contenders: ready, limits: true });
  const table = figures.markdown(options.parts, [...ready.map(({ title }) => title), BARE, HASH_OR_DISK]);
  const absent = [...options.without, ...missing].map((name) => `Not measured: ${name}.`);
  await publish([table, machine, ...absent], options.out);
  if (missing.length > 0) process.exitCode = 1;
}

try {
  const [first, ...rest] = process.argv.slice(2);
  if (first === "storage") await benchStorage(rest);
  else if (first === "cloud") await benchCloud(rest);
  else await benchRegistries(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
