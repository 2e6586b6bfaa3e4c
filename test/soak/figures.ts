import { readdir, readFile, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const KIB = 1024;
export const MIB = 1024 * 1024;
export const GIB = 1024 * MIB;

/** Returns the current memory of a process in bytes, or the maximum since it started. */
export async function memoryOf(pid: number, which: "now" | "peak"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const line = new RegExp(`^${which === "now" ? "VmRSS" : "VmHWM"}:\\s+(\\d+) kB$`, "m").exec(status);
  if (line === null) throw new Error(`no memory figures of process ${pid}`);
  return Number(line[1]) * KIB;
}

export async function openFilesOf(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

export interface StagedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** Space that unfinished uploads take in a data folder. */
export async function stagedFiles(data: string): Promise<readonly StagedFile[]> {
  const folder = join(data, "uploads");
  const files: StagedFile[] = [];
  for (const name of await readdir(folder)) {
    const stats = await stat(join(folder, name)).catch(() => undefined);
    if (stats !== undefined) files.push({ name, size: stats.size });
  }
  return files;
}

export async function stagedBytes(data: string): Promise<number> {
  return (await stagedFiles(data)).reduce((sum, { size }) => sum + size, 0);
}

/** Returns the free bytes of a file system. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

export function inMib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

/** Returns the rate in megabytes (of a million bytes) per second. */
export function rate(bytes: number, milliseconds: number): string {
  return `${Math.round(bytes / 1000 / milliseconds)} MB/s`;
}

export async function timed<T>(work: Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const begun = performance.now();
  const value = await work;
  return { value, ms: performance.now() - begun };
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Repeats a check until it is true. @returns whether that was in time */
export async function within(milliseconds: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (await isSo()) return true;
    await sleep(100);
  }
  return await isSo();
}
