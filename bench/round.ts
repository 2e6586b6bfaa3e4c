import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";
import { pushImages, READ_CASES } from "./images.ts";
import { bareProgram, hashSeconds, readSeconds, writeSeconds } from "./limits.ts";
import {
  type Effort,
  measurePull,
  measurePush,
  measureReads,
  megabytesPerSecond,
  PULL_ROW,
  PUSH_FORMS,
  pushRow,
  report,
  type Target,
  throughput,
} from "./measure.ts";
import { SCRATCH } from "./paths.ts";
import { freePort, launch, memory, resetPeakMemory, type ServerProcess } from "./server-process.ts";
import type { Contender } from "./servers.ts";
import type { Figures, Part, Row } from "./table.ts";

export const BARE = "bare node:http";
export const HASH_OR_DISK = "SHA-256 or disk";

type LocalTarget = Target & { readonly pid: number; readonly process: ServerProcess };

const START_ROW: Row = {
  part: "start",
  title: "first answer after start",
  unit: "ms",
  better: "less",
  digits: 0,
};
const memoryRow = (title: string): Row => ({ part: "memory", title, unit: "MB", better: "less", digits: 0 });

/**
 * One round: every server is started on an empty folder, and each measurement is made on all of them in turn before
 * the next, so that what else the machine does falls on all alike. The order moves on by one from round to round.
 */
export async function measureRound(
  round: number,
  contenders: readonly Contender[],
  parts: ReadonlySet<Part>,
  effort: Effort,
  into: Figures,
): Promise<void> {
  const home = join(SCRATCH, `round-${process.pid}-${round}`);
  await mkdir(home, { recursive: true });
  const targets: LocalTarget[] = [];
  try {
    const blob = join(home, "limit.bin");
    if (parts.has("push") || parts.has("pull")) measureHashAndDisk(blob, effort, into);
    else writeSeconds(blob, effort.layerBytes);
    for (const contender of rotate(contenders, round)) targets.push(await start(contender, home, into));
    targets.push(await startBare(home, blob, targets, into));
    const turn = rotate(targets, round);
    if (parts.has("reads") || parts.has("memory")) await measureAllReads(turn, effort, into);
    if (parts.has("push") || parts.has("pull") || parts.has("memory")) {
      await measureAllTransfers(turn, home, effort, into);
    }
  } finally {
    for (const target of targets) await target.process.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function start(contender: Contender, home: string, into: Figures): Promise<LocalTarget> {
  const folder = join(home, contender.name);
  await mkdir(folder);
  const port = await freePort();
  const launched = await launch(await contender.program(folder, port), port, join(folder, "log"));
  await addStart(contender.title, launched, into);
  await pushImages(launched.url);
  return { ...launched, title: contender.title, keepsBytes: true, process: launched };
}

async function startBare(
  home: string,
  blob: string,
  others: readonly Target[],
  into: Figures,
): Promise<LocalTarget> {
  const model = others.find(({ title }) => title === "dockless") ?? others[0];
  if (model === undefined) throw new Error("no registry to take the answers from");
  const port = await freePort();
  const program = await bareProgram(home, port, model.url, blob);
  const launched = await launch(program, port, join(home, "bare.log"));
  await addStart(BARE, launched, into);
  return { ...launched, title: BARE, keepsBytes: false, process: launched };
}

async function addStart(title: string, launched: ServerProcess, into: Figures): Promise<void> {
  into.add(START_ROW, title, launched.startedInMs);
  into.add(memoryRow("memory after start"), title, (await memory(launched.pid)).now / 1e6);
  report(`${title}: first answer after ${launched.startedInMs.toFixed(0)} ms`);
}

async function measureAllReads(turn: readonly LocalTarget[], effort: Effort, into: Figures): Promise<void> {
  for (const readCase of READ_CASES) {
    for (const target of turn) await measureReads(readCase, target, effort, into);
  }
  await addPeaks("peak memory, reads", turn, into);
}

async function measureAllTransfers(
  turn: readonly LocalTarget[],
  home: string,
  effort: Effort,
  into: Figures,
): Promise<void> {
  for (const target of turn) await resetPeakMemory(target.pid);
  for (const form of PUSH_FORMS) {
    const digests = new Map<Target, string>();
    for (const target of turn) {
      // What the one before left to be written must not slow this one down.
      await run("sync", ["-f", home]);
      digests.set(target, await measurePush(form, target, effort, into));
    }
    for (const [target, digest] of digests) await measurePull(digest, target, effort, into);
  }
  await addPeaks("peak memory, push and pull", turn, into);
}

async function addPeaks(title: string, targets: readonly LocalTarget[], into: Figures): Promise<void> {
  for (const target of targets)
    into.add(memoryRow(title), target.title, (await memory(target.pid)).peak / 1e6);
}

function measureHashAndDisk(blob: string, { layerBytes }: Effort, into: Figures): void {
  const rate = (seconds: number) => megabytesPerSecond(layerBytes, seconds);
  const hash = rate(hashSeconds(layerBytes));
  const write = rate(writeSeconds(blob, layerBytes));
  const read = rate(readSeconds(blob));
  for (const form of PUSH_FORMS) into.add(pushRow(form), HASH_OR_DISK, Math.min(hash, write));
  into.add(PULL_ROW, HASH_OR_DISK, Math.min(hash, read));
  into.add(throughput("push", "(SHA-256 in node:crypto alone)"), HASH_OR_DISK, hash);
  into.add(throughput("push", "(disk alone: write and fsync)"), HASH_OR_DISK, write);
  into.add(throughput("pull", "(disk alone: sequential read)"), HASH_OR_DISK, read);
  report(`SHA-256 ${hash.toFixed(0)}, write and fsync ${write.toFixed(0)}, read ${read.toFixed(0)} MB/s`);
}

function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
