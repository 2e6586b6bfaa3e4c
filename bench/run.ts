import { parseSuiteArgs } from "../local-cloud/support/suite-options.ts";
import { benchAgainst, MIN_SHARE } from "./against.ts";
import { benchCloud } from "./cloud/run.ts";
import { BARE_TITLE } from "./limits.ts";
import { buildLoad } from "./load.ts";
import type { Effort } from "./measure.ts";
import { describeMachine, describeRounds, parseRounds, publish, warnIfBusy } from "./report.ts";
import { HASH_OR_DISK_TITLE, measureRounds } from "./round.ts";
import { CONTENDERS, type Contender } from "./servers.ts";
import { benchStorage } from "./storage/run.ts";
import { PARTS, type Part } from "./table.ts";

const USAGE = `npm run bench -- [options]
npm run bench -- storage [options]
npm run bench -- cloud [options]

Measures the registry on one machine and compares it with its peers; with "storage", its pushes to S3 and the SDK's own
uploader; with "cloud", the cost of the deployed stack. Both have a --help of their own.

  --rounds N       number of rounds, whose medians and extremes are in the table (3)
  --quick          one short round that only verifies the setup: its figures are not reliable
  --only PARTS     some of reads,push,pull,memory,start (all)
  --without NAMES  omits some of ${CONTENDERS.map(({ name }) => name).join(",")}
  --against REV    compares with that commit of this repository instead of the peers, checked out in a git worktree, in
                   rounds of three short measurements each; exits with 1 when the median of a row, except p99, is worse:
                   below ${MIN_SHARE} of that commit's, or the reverse where less is better
  --out FILE       also writes the table to a file

Examples:
  npm run bench -- --without zot
  npm run bench -- --against main --only reads,start
  npm run bench -- --quick --only push,pull
  npm run bench -- storage
  npm run bench -- cloud
`;

const FULL_EFFORT: Effort = { connections: 16, slices: 1, warmupSeconds: 1, seconds: 4, layerBytes: 2 ** 30 };
const SHORT_EFFORT: Effort = {
  connections: 16,
  slices: 3,
  warmupSeconds: 0.3,
  seconds: 0.7,
  layerBytes: 2 ** 28,
};
const QUICK_EFFORT: Effort = {
  connections: 16,
  slices: 1,
  warmupSeconds: 0.5,
  seconds: 1,
  layerBytes: 2 ** 27,
};

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
    throw new Error("--without cannot be combined with --against: it measures no peers");
  const names = CONTENDERS.map(({ name }) => name);
  return {
    rounds: parseRounds(values.rounds, values.quick),
    effort: values.quick ? QUICK_EFFORT : values.against === undefined ? FULL_EFFORT : SHORT_EFFORT,
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

/** Installs the contenders; one that cannot be installed is listed below the table, and the run fails at the end. */
async function install(selected: readonly Contender[]): Promise<{ ready: Contender[]; missing: string[] }> {
  const ready: Contender[] = [];
  const missing: string[] = [];
  for (const contender of selected) {
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
  const selected = CONTENDERS.filter(({ name }) => !options.without.has(name));
  const { ready, missing } = await install(selected);
  if (ready.length === 0) throw new Error("all registries are excluded");
  const figures = await measureRounds({ ...options, contenders: ready, limits: true });
  const table = figures.markdown(options.parts, [
    ...ready.map(({ title }) => title),
    BARE_TITLE,
    HASH_OR_DISK_TITLE,
  ]);
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
