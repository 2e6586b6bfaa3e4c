import { MANIFEST_TYPE, type READ_CASES } from "./images.ts";
import { pull, push, read, verifyPull } from "./load.ts";
import { cpuSeconds } from "./server-process.ts";
import type { Figures, Row } from "./table.ts";

/** What is measured, wherever it runs: a process of this machine has a pid, a deployment has not. */
export interface Target {
  readonly title: string;
  readonly url: string;
  readonly pid: number | undefined;
  /** Whether what comes out can be compared with what went in. */
  readonly keepsBytes: boolean;
}

export interface Effort {
  readonly connections: number;
  /** Times that reads of one kind are measured on one server before the next kind, in turn with the other servers. */
  readonly slices: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly layerBytes: number;
}

export type PushForm = "patch" | "put";
export const PUSH_FORMS: readonly PushForm[] = ["patch", "put"];

const MEGABYTE = 1e6;
const LAYERS = "/v2/bench/layers";

export const PULL_ROW = throughput("pull", "pull");
export const pushRow = (form: PushForm) => throughput("push", `push by ${form.toUpperCase()}`);

export function throughput(part: Row["part"], title: string): Row {
  return { part, title, unit: "MB/s", better: "more", digits: 0 };
}

export function megabytesPerSecond(bytes: number, seconds: number): number {
  return bytes / MEGABYTE / seconds;
}

export async function measureReads(
  { name, method, targets }: (typeof READ_CASES)[number],
  target: Target,
  effort: Effort,
  into: Figures,
): Promise<void> {
  const cpuBefore = await cpu(target);
  const figures = await read({ ...effort, url: target.url, method, targets, accept: MANIFEST_TYPE });
  const row = (what: string, unit: string, better: Row["better"], digits: number) =>
    ({ part: "reads", title: `${name}${what}`, unit, better, digits }) satisfies Row;
  into.add(row("", "per second", "more", 0), target.title, figures.perSecond);
  into.add(row(", p50", "ms", "less", 2), target.title, figures.p50Ms);
  into.add({ ...row(", p99", "ms", "less", 2), unsteady: true }, target.title, figures.p99Ms);
  const used = (await cpu(target)) - cpuBefore;
  if (used > 0) into.add(row(", CPU", "µs", "less", 1), target.title, (used * 1e6) / figures.answers);
  const client = ((100 * figures.clientCpuSeconds) / effort.seconds).toFixed(0);
  report(
    `${target.title}: ${name}: ${figures.perSecond.toFixed(0)}/s (load generator at ${client}% of a core)`,
  );
}

/** Resolves to the digest of the pushed layer. */
export async function measurePush(
  form: PushForm,
  target: Target,
  effort: Effort,
  into: Figures,
): Promise<string> {
  const cpuBefore = await cpu(target);
  const { digest, seconds, clientCpuSeconds } = await push(target.url + LAYERS, form, effort.layerBytes);
  const row = pushRow(form);
  into.add(row, target.title, megabytesPerSecond(effort.layerBytes, seconds));
  await addTransferCpu(row, target, effort, cpuBefore, into);
  reportTransfer(`${target.title}: ${row.title}`, seconds, clientCpuSeconds);
  return digest;
}

export async function measurePull(
  digest: string,
  target: Target,
  effort: Effort,
  into: Figures,
): Promise<void> {
  const cpuBefore = await cpu(target);
  const { seconds, clientCpuSeconds } = await pull(target.url + LAYERS, digest, effort.layerBytes);
  into.add(PULL_ROW, target.title, megabytesPerSecond(effort.layerBytes, seconds));
  await addTransferCpu(PULL_ROW, target, effort, cpuBefore, into);
  reportTransfer(`${target.title}: pull`, seconds, clientCpuSeconds);
  if (target.keepsBytes) await verifyPull(target.url + LAYERS, digest, effort.layerBytes);
}

/** CPU time says most on a machine that does other work as well. */
async function addTransferCpu(
  { part, title }: Row,
  target: Target,
  { layerBytes }: Effort,
  cpuBefore: number,
  into: Figures,
): Promise<void> {
  const used = (await cpu(target)) - cpuBefore;
  const row: Row = { part, title: `${title}, CPU`, unit: "s per GB", better: "less", digits: 2 };
  if (used > 0) into.add(row, target.title, (used * 1e9) / layerBytes);
}

async function cpu(target: Target): Promise<number> {
  return target.pid === undefined ? 0 : await cpuSeconds(target.pid);
}

function reportTransfer(what: string, seconds: number, clientCpuSeconds: number): void {
  report(`${what}: ${seconds.toFixed(2)} s (load generator: ${clientCpuSeconds.toFixed(2)} s of CPU)`);
}

export function report(line: string): void {
  process.stderr.write(`${line}\n`);
}
