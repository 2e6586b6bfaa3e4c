import { rm } from "node:fs/promises";
import { join } from "node:path";
import { startAwsServers } from "../../local-cloud/support/aws.ts";
import { endpointVariables } from "../../local-cloud/support/aws-endpoints.ts";
import { withCleanup } from "../soak/cleanup.ts";
import { type Coverage, findFailures, type Plan, recordCoverage, selectTests } from "./coverage.ts";
import type { Module } from "./modules.ts";
import { hashOf, type Mutant, ROOT, readModule, sample } from "./mutants.ts";
import type { Options } from "./options.ts";
import { type Result, Results } from "./results.ts";
import { TimeLimitError, Worker } from "./worker.ts";

const STATE = join(ROOT, ".cache/mutation");

/** Number of mutants that share the same servers, which accumulate data of the tests. */
const BATCH_SIZE = 60;

/** A mutant of the sample and its result. */
export interface JudgedMutant {
  readonly mutant: Mutant;
  readonly result: Result;
}

interface Task {
  readonly mutant: Mutant;
  readonly plan: Plan;
  readonly source: string;
}

/** Runs a sample of a module's mutants, except those with valid results of earlier runs. */
export async function runModule(
  module: Module,
  options: Options,
  chosen: readonly Mutant[],
): Promise<readonly JudgedMutant[]> {
  const { files } = await readModule(module);
  const path = join(STATE, `${module.name}.jsonl`);
  if (options.fresh) await rm(path, { force: true });
  const results = await Results.open(path);
  const coverage = await coverageOf(module);
  for (const name of findFailures(coverage))
    console.log(`${module.name}: ignored, fails without a mutation: ${name}`);
  const tasks = chosen.map((mutant) => {
    const text = files.find(({ path }) => path === mutant.file)?.text ?? "";
    return { mutant, plan: selectTests(mutant.id, coverage), source: hashOf(text) };
  });
  const findResult = ({ mutant, plan, source }: Task) =>
    results.find(mutant.key, source, coverage.stamp, plan.names);
  const pending = tasks.filter((task) => findResult(task) === undefined);
  console.log(`${module.name}: ${chosen.length} mutants, ${pending.length} of them to run`);
  const progress = new Progress(module.name, pending.length);
  while (pending.length > 0) {
    const batch = pending.splice(0, module.onServers ? BATCH_SIZE : pending.length);
    await runBatch(module, options.workers, batch, async (task, outcome) => {
      progress.print(task.mutant, outcome);
      await results.add({ key: task.mutant.key, source: task.source, world: coverage.stamp, ...outcome });
    });
  }
  return tasks.map((task) => {
    const result = findResult(task);
    if (result === undefined) throw new Error(`no result: ${task.mutant.key}`);
    return { mutant: task.mutant, result };
  });
}

/** Returns all mutants of a module, and the sampled ones. */
export async function selectSample(module: Module, { sample: size, seed, only }: Options) {
  const { mutants } = await readModule(module);
  const chosen = sample(mutants, size, seed);
  return { all: mutants, chosen: chosen.filter(({ key, file }) => `${file} ${key}`.includes(only)) };
}

async function coverageOf(module: Module): Promise<Coverage> {
  return await withServers(module, async (environment) => {
    const worker = await Worker.start(module.name, "record", environment);
    try {
      return await recordCoverage(module, worker, STATE);
    } finally {
      await worker.stop();
    }
  });
}

type Outcome = Pick<Result, "outcome" | "test" | "message">;

async function runBatch(
  module: Module,
  workers: number,
  batch: Task[],
  report: (task: Task, outcome: Outcome) => Promise<void>,
): Promise<void> {
  await withServers(module, async (environment) => {
    const work = async () => {
      let worker = await Worker.start(module.name, "mutate", environment);
      try {
        for (let task = batch.shift(); task !== undefined; task = batch.shift()) {
          const outcome = await tryMutant(worker, task);
          if (outcome.outcome === "timeout") worker = await Worker.start(module.name, "mutate", environment);
          await report(task, outcome);
        }
      } finally {
        await worker.stop();
      }
    };
    await Promise.all(Array.from({ length: Math.min(workers, batch.length) }, work));
  });
}

/** Processor time to load the modules, which is added to the limit of each mutant. */
const LIMIT_BASE_MILLISECONDS = 20_000;
/** Limit of each mutant, as a multiple of the duration of its tests without a mutation. */
const LIMIT_FACTOR = 1;

async function tryMutant(worker: Worker, { mutant, plan }: Task): Promise<Outcome> {
  if (plan.selections.length === 0) return { outcome: "survived" };
  const limit = LIMIT_BASE_MILLISECONDS + LIMIT_FACTOR * plan.milliseconds;
  try {
    const failure = await worker.run(mutant.id, plan.selections, limit);
    return failure === undefined ? { outcome: "survived" } : { outcome: "killed", ...failure };
  } catch (error) {
    if (error instanceof TimeLimitError) return { outcome: "timeout" };
    throw error;
  }
}

async function withServers<T>(
  { onServers }: Module,
  work: (environment: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  if (!onServers) return await work({});
  const servers = await startAwsServers();
  return await withCleanup(
    () => servers.dispose(),
    () => work({ ...servers.env, ...endpointVariables(servers) }),
  );
}

class Progress {
  readonly #started = Date.now();
  readonly #name: string;
  readonly #total: number;
  #done = 0;

  constructor(name: string, total: number) {
    this.#name = name;
    this.#total = total;
  }

  print({ file, line, key }: Mutant, { outcome }: Outcome): void {
    this.#done += 1;
    const seconds = ((Date.now() - this.#started) / 1000).toFixed(0);
    const count = `${this.#name} ${this.#done}/${this.#total} ${seconds} s`;
    if (outcome === "survived" || this.#done % 20 === 0) {
      console.log(`${count}: ${outcome}: ${file}:${line} ${key}`);
    }
  }
}
