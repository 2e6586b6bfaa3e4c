import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pushImages, READ_CASES } from "./images.ts";
import {
  createBareServer,
  equalizeMemory,
  measureHashSeconds,
  measureReadSeconds,
  measureWriteSeconds,
  recordResponses,
} from "./limits.ts";
import {
  type Effort,
  measurePull,
  measurePush,
  measureReads,
  megabytesPerSecond,
  PULL_ROW,
  PUSH_FORMS,
  type PushForm,
  pushRow,
  report,
  type Target,
  throughput,
} from "./measure.ts";
import { SCRATCH_FOLDER } from "./paths.ts";
import { freePort, launch, memory, type ServerProcess } from "./server-process.ts";
import type { Contender } from "./servers.ts";
import { Figures, type Part, type Row } from "./table.ts";

/** Column title of hashing and disk throughput without a server. */
export const HASH_OR_DISK_TITLE = "SHA-256 or disk";

/** Contenders, parts and amount of work of a run. */
export interface Plan {
  readonly contenders: readonly Contender[];
  /** Whether the bare server, and SHA-256 and the disk alone, are measured for comparison. */
  readonly limits: boolean;
  readonly rounds: number;
  readonly parts: ReadonlySet<Part>;
  readonly effort: Effort;
}

interface LocalTarget extends Target {
  readonly pid: number;
  readonly process: ServerProcess;
  readonly workFolder: string;
}

const START_ROW: Row = {
  part: "start",
  title: "first response after start",
  unit: "ms",
  better: "less",
  digits: 0,
};
const memoryRow = (title: string): Row => ({ part: "memory", title, unit: "MB", better: "less", digits: 0 });

/** Measures all rounds. */
export async function measureRounds(plan: Plan): Promise<Figures> {
  const figures = new Figures();
  for (let round = 0; round < plan.rounds; round += 1) {
    report(`round ${round + 1} of ${plan.rounds}`);
    await measureRound(round, plan, figures);
  }
  return figures;
}

/**
 * Measures one round: each measurement is made on all servers before the next, so that other load affects
 * all equally. The order of the servers rotates from round to round.
 */
async function measureRound(round: number, plan: Plan, into: Figures): Promise<void> {
  const { parts } = plan;
  const turn = rotate(plan.contenders, round);
  const workFolder = join(SCRATCH_FOLDER, `round-${process.pid}-${round}`);
  await mkdir(workFolder, { recursive: true });
  try {
    if (parts.has("reads") || parts.has("memory") || parts.has("start")) {
      await measureAllReads(turn, plan, workFolder, into);
    }
    if (parts.has("push") || parts.has("pull") || parts.has("memory")) {
      await measureAllTransfers(turn, plan, workFolder, into);
    }
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

async function measureAllReads(
  turn: readonly Contender[],
  { contenders, limits, effort }: Plan,
  workFolder: string,
  into: Figures,
): Promise<void> {
  const targets: LocalTarget[] = [];
  try {
    for (const contender of turn) {
      const target = await start(contender, workFolder, into);
      targets.push(target);
      await pushImages(target.url);
    }
    if (limits) {
      const own = targets.find(({ title }) => title === contenders[0]?.title);
      targets.push(
        await start(createBareServer(await recordResponses(own?.url ?? ""), ""), workFolder, into),
      );
    }
    for (const readCase of READ_CASES) {
      for (let slice = 0; slice < effort.slices; slice += 1) {
        for (const target of rotate(targets, slice)) await measureReads(readCase, target, effort, into);
      }
    }
    for (const target of targets) await addPeak("peak memory, reads", target, into);
  } finally {
    for (const target of targets) await stop(target);
  }
}

/**
 * Measures transfers, each with a new server and folder, whose data is deleted before the next: the page cache must
 * not grow from one to the next, for the reason given at `levelMemory`.
 */
async function measureAllTransfers(
  turn: readonly Contender[],
  { limits, effort }: Plan,
  workFolder: string,
  into: Figures,
): Promise<void> {
  const blob = join(workFolder, "limit.bin");
  if (limits) {
    await equalizeMemory(workFolder, effort.layerBytes);
    measureHashAndDisk(blob, effort, into);
  }
  const all = limits ? [...turn, createBareServer({}, blob)] : turn;
  for (const form of PUSH_FORMS) {
    for (const contender of all) await measureTransfer(form, contender, workFolder, effort, into);
  }
}

async function measureTransfer(
  form: PushForm,
  contender: Contender,
  workFolder: string,
  effort: Effort,
  into: Figures,
): Promise<void> {
  const target = await start(contender, workFolder, into);
  try {
    await equalizeMemory(workFolder, effort.layerBytes);
    const digest = await measurePush(form, target, effort, into);
    await measurePull(digest, target, effort, into);
    await addPeak("peak memory, push and pull", target, into);
  } finally {
    await stop(target);
  }
}

async function start(contender: Contender, workFolder: string, into: Figures): Promise<LocalTarget> {
  const folder = join(workFolder, contender.name);
  await mkdir(folder);
  const port = await freePort();
  const launched = await launch(await contender.program(folder, port), port, join(folder, "log"));
  const { title } = contender;
  into.add(START_ROW, title, launched.startedInMs);
  into.add(memoryRow("memory after start"), title, (await memory(launched.pid)).now / 1e6);
  report(`${title}: first response after ${launched.startedInMs.toFixed(0)} ms`);
  const { url, pid } = launched;
  return { title, url, pid, keepsBytes: contender.keepsBytes, process: launched, workFolder: folder };
}

async function stop(target: LocalTarget): Promise<void> {
  await target.process.stop();
  await rm(target.workFolder, { recursive: true, force: true });
}

async function addPeak(title: string, target: LocalTarget, into: Figures): Promise<void> {
  into.add(memoryRow(title), target.title, (await memory(target.pid)).peak / 1e6);
}

function measureHashAndDisk(blob: string, { layerBytes }: Effort, into: Figures): void {
  const rate = (seconds: number) => megabytesPerSecond(layerBytes, seconds);
  const hash = rate(measureHashSeconds(layerBytes));
  const write = rate(measureWriteSeconds(blob, layerBytes));
  const read = rate(measureReadSeconds(blob));
  for (const form of PUSH_FORMS) into.add(pushRow(form), HASH_OR_DISK_TITLE, Math.min(hash, write));
  into.add(PULL_ROW, HASH_OR_DISK_TITLE, Math.min(hash, read));
  into.add(throughput("push", "(SHA-256 in node:crypto alone)"), HASH_OR_DISK_TITLE, hash);
  into.add(throughput("push", "(disk alone: write and fsync)"), HASH_OR_DISK_TITLE, write);
  into.add(throughput("pull", "(disk alone: sequential read)"), HASH_OR_DISK_TITLE, read);
  report(`SHA-256 ${hash.toFixed(0)}, write and fsync ${write.toFixed(0)}, read ${read.toFixed(0)} MB/s`);
}

function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
