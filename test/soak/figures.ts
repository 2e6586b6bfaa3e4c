import { readdir, readFile, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const KIB = 1024;
/** Bytes in a mebibyte. */
export const MIB = 1024 * 1024;
/** Bytes in a gibibyte. */
export const GIB = 1024 * MIB;

/** Returns the resident memory of a process in bytes: its present or its peak size. */
export async function readMemoryBytes(pid: number, which: "now" | "peak"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const line = new RegExp(`^${which === "now" ? "VmRSS" : "VmHWM"}:\\s+(\\d+) kB$`, "m").exec(status);
  if (line === null) throw new Error(`process ${pid} has no resident memory size in /proc`);
  return Number(line[1]) * KIB;
}

/** Returns the number of open file descriptors of a process. */
export async function countOpenDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** A file of an upload session that is not closed. */
export interface StagedFile {
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Lists the files of unfinished uploads in a data folder. */
export async function listStagedFiles(data: string): Promise<readonly StagedFile[]> {
  const folder = join(data, "uploads");
  const files: StagedFile[] = [];
  for (const name of await readdir(folder)) {
    const stats = await stat(join(folder, name)).catch(() => undefined);
    if (stats !== undefined) files.push({ name, size: stats.size });
  }
  return files;
}

/** Returns the total size of the files of unfinished uploads, in bytes. */
export async function countStagedBytes(data: string): Promise<number> {
  return (await listStagedFiles(data)).reduce((sum, { size }) => sum + size, 0);
}

/** Returns the free space of a file system in bytes. */
export async function readFreeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Formats a size in mebibytes. */
export function formatMib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

/** Formats a transfer rate in megabytes (of a million bytes) per second. */
export function formatRate(bytes: number, milliseconds: number): string {
  return `${Math.round(bytes / 1000 / milliseconds)} MB/s`;
}

/** Measures the duration of work in milliseconds. */
export async function measureTime<T>(work: Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  const value = await work;
  return { value, ms: performance.now() - start };
}

/** Returns the median, and for an even count the upper of the two in the middle. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Polls a condition every 100 ms. @returns whether it held within the time limit */
export async function waitUntil(milliseconds: number, condition: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (await condition()) return true;
    await sleep(100);
  }
  return await condition();
}
