import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { run } from "./command.ts";
import { BARE } from "./limits.ts";
import { buildLoad } from "./load.ts";
import type { Effort } from "./measure.ts";
import { HASH_OR_DISK, measureRound } from "./round.ts";
import { CONTENDERS, type Contender } from "./servers.ts";
import { Figures, PARTS, type Part } from "./table.ts";

const USAGE = `npm run bench -- [options]
  --rounds N       rounds, of which the table shows the medians and extremes (3)
  --quick          one short round, to see that all of it works: no figures to publish
  --only PARTS     some of reads,push,pull,memory,start (all)
  --without NAMES  leave out some of ${CONTENDERS.map(({ name }) => name).join(",")}
  --out FILE       write the table there too
`;

const FULL: Effort = { connections: 16, warmupSeconds: 1, seconds: 4, layerBytes: 2 ** 30 };
const QUICK: Effort = { connections: 16, warmupSeconds: 0.5, seconds: 1, layerBytes: 2 ** 27 };

interface Options {
  readonly rounds: number;
  readonly effort: Effort;
  readonly parts: ReadonlySet<Part>;
  readonly without: ReadonlySet<string>;
  readonly out: string | undefined;
}

function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      without: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit();
  }
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: not a number of rounds`);
  const names = CONTENDERS.map(({ name }) => name);
  return {
    rounds,
    effort: values.quick ? QUICK : FULL,
    parts: new Set(values.only === undefined ? PARTS : parseList("--only", values.only, PARTS)),
    without: new Set(values.without === undefined ? [] : parseList("--without", values.without, names)),
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

async function describeMachine({ rounds, effort }: Options): Promise<string> {
  const go = (await run("go", ["env", "GOVERSION"])).trim();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return [
    `${rounds} rounds: medians (lowest-highest); ${effort.connections} connections kept alive;`,
    `layers of ${effort.layerBytes / 2 ** 20} MiB. ${cpus()[0]?.model ?? "?"}, ${availableParallelism()} cores,`,
    `${memory} GiB, Linux ${release()}, Node ${process.versions.node}, ${go}; load average at the start`,
    `${loadavg()[0]?.toFixed(2)}. ${new Date().toISOString().slice(0, 10)}.`,
  ].join(" ");
}

/** On a busy machine ratios lean towards whoever needs fewer cores. */
function warnIfBusy(): void {
  const load = loadavg()[0] ?? 0;
  if (load < availableParallelism() / 2) return;
  process.stderr.write(
    `\nTHE MACHINE IS BUSY (load average ${load.toFixed(1)}): figures not to be published\n\n`,
  );
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  warnIfBusy();
  const machine = await describeMachine(options);
  await buildLoad();
  const wanted = CONTENDERS.filter(({ name }) => !options.without.has(name));
  const { ready, missing } = await install(wanted);
  if (ready.length === 0) throw new Error("no registry is left to measure");
  const figures = new Figures();
  for (let round = 0; round < options.rounds; round += 1) {
    process.stderr.write(`round ${round + 1} of ${options.rounds}\n`);
    await measureRound(round, ready, options.parts, options.effort, figures);
  }
  const table = figures.markdown(options.parts, [...ready.map(({ title }) => title), BARE, HASH_OR_DISK]);
  const absent = [...options.without, ...missing].map((name) => `Not measured: ${name}.`);
  const text = [table, machine, ...absent, ""].join("\n");
  process.stdout.write(text);
  if (options.out !== undefined) await writeFile(options.out, text);
  if (missing.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
