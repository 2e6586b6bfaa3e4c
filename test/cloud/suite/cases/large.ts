import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { formatMib, GIB, MIB, readMemoryBytes } from "../../../soak/figures.ts";
import { requireNone } from "../../../soak/report.ts";
import { type Content, createContent } from "../../../soak/support/content.ts";
import {
  LARGE_UPLOAD_METHODS,
  type LargeUploadMethod,
  pullLargeBlob,
  pushLargeBlob,
  requireSpace,
  type Transfer,
} from "../../../soak/support/large-blobs.ts";
import type { RunningCloud } from "../cloud-process.ts";
import type { Stage } from "../stage.ts";

const REPOSITORY = "cloud/large";

/** A small fraction of an environment's memory, in bytes. */
const MAX_MEMORY_BYTES = 400 * MIB;

/** Guarantee: layers of any size, from clients of both families, in an environment of 2 GB. */
export async function runLarge({ report, cloud, mode, options }: Stage): Promise<void> {
  const size = options.quick ? 300 * MIB : 5 * GIB;
  for (const method of LARGE_UPLOAD_METHODS) {
    await report.case(`${mode}: push by ${method} and pull of ${formatMib(size)}`, async () => {
      // The staged and the final bytes of two layers.
      await requireSpace(tmpdir(), 4 * size);
      const blob = createContent(`${options.seed}/${mode}/${method}`, size);
      const { value, peak } = await watchingMemory(cloud, () => moveThrough(cloud, blob, method));
      const problems = value.flatMap((transfer) => transfer.problems);
      if (peak === 0) problems.push("no environment was measured");
      if (peak > MAX_MEMORY_BYTES) problems.push(`an environment used ${formatMib(peak)}`);
      return requireNone(
        problems,
        `${value.map(({ figures }) => figures).join("; ")}; peak memory ${formatMib(peak)}`,
      );
    });
  }
}

async function moveThrough(
  { url }: RunningCloud,
  blob: Content,
  method: LargeUploadMethod,
): Promise<readonly Transfer[]> {
  const target = { url, repository: REPOSITORY };
  return [await pushLargeBlob(target, blob, method), await pullLargeBlob(target, blob)];
}

/** Measures the peak memory of all environments while work is done, including those that end meanwhile. */
async function watchingMemory<T>(cloud: RunningCloud, work: () => Promise<T>) {
  let peak = 0;
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      const pids = await cloud.webPids();
      const peaks = await Promise.all(pids.map((pid) => readMemoryBytes(pid, "peak").catch(() => 0)));
      peak = Math.max(peak, ...peaks);
      await sleep(500);
    }
  };
  const watching = watch();
  try {
    const value = await work();
    return { value, peak };
  } finally {
    isOver = true;
    await watching;
  }
}
