import { MANIFEST_TYPE, type READ_CASES } from "./images.ts";
import { pull, push, read, verifyPull } from "./load.ts";
import { cpuSeconds } from "./server-process.ts";
import type { Figures, Row } from "./table.ts";

/** Registry to measure: a local process, which has a pid, or a deployment, which has none. */
export interface Target {
  readonly title: string;
  readonly url: string;
  readonly pid: number | undefined;
  /** Whether pulled bytes equal pushed bytes. */
  readonly keepsBytes: boolean;
}

/** Amount of work of a measurement. */
export interface Effort {
  readonly connections: number;
  /** Number of times that one kind of read is measured on each server before the next kind. */
  readonly slices: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly layerBytes: number;
}

/** Protocol of a push: chunked PATCH, or one PUT. */
export type PushForm = "patch" | "put";
/** All forms of a push. */
export const PUSH_FORMS: readonly PushForm[] = ["patch", "put"];

const MEGABYTE_BYTES = 1e6;
const LAYER_REPOSITORY = "/v2/bench/layers";

/** Row of pull throughput. */
export const PULL_ROW = throughput("pull", "pull");
/** Returns the row of push throughput. */
export const pushRow = (form: PushForm) => throughput("push", `push by ${form.toUpperCase()}`);

/** Returns a row in MB/s. */
export function throughput(part: Row["part"], title: string): Row {
  return { part, title, unit: "MB/s", better: "more", digits: 0 };
}

/** Returns a rate in MB/s. */
export function megabytesPerSecond(bytes: number, seconds: number): number {
  return bytes / MEGABYTE_BYTES / seconds;
}

/** Measures one kind of read on one server. */
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
  if (used > 0) into.add(row(", CPU", "µs", "less", 1), target.title, (used * 1e6) / figures.responses);
  const client = ((100 * figures.clientCpuSeconds) / effort.seconds).toFixed(0);
  report(
    `${target.title}: ${name}: ${figures.perSecond.toFixed(0)}/s (load generator at ${client}% of a core)`,
  );
}

/** Measures a push. @returns the digest of the pushed layer */
export async function measurePush(
  form: PushForm,
  target: Target,
  effort: Effort,
  into: Figures,
): Promise<string> {
  const cpuBefore = await cpu(target);
  const { digest, seconds, clientCpuSeconds } = await push(
    target.url + LAYER_REPOSITORY,
    form,
    effort.layerBytes,
  );
  const row = pushRow(form);
  into.add(row, target.title, megabytesPerSecond(effort.layerBytes, seconds));
  await addTransferCpu(row, target, effort, cpuBefore, into);
  reportTransfer(`${target.title}: ${row.title}`, seconds, clientCpuSeconds);
  return digest;
}

/** Measures a pull, and verifies the bytes. */
export async function measurePull(
  digest: string,
  target: Target,
  effort: Effort,
  into: Figures,
): Promise<void> {
  const cpuBefore = await cpu(target);
  const { seconds, clientCpuSeconds } = await pull(target.url + LAYER_REPOSITORY, digest, effort.layerBytes);
  into.add(PULL_ROW, target.title, megabytesPerSecond(effort.layerBytes, seconds));
  await addTransferCpu(PULL_ROW, target, effort, cpuBefore, into);
  reportTransfer(`${target.title}: pull`, seconds, clientCpuSeconds);
  if (target.keepsBytes) await verifyPull(target.url + LAYER_REPOSITORY, digest, effort.layerBytes);
}

/** Adds the server's CPU time, the most reliable figure on a machine with other load. */
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

/** Writes a line of progress to standard error. */
export function report(line: string): void {
  process.stderr.write(`${line}\n`);
}
