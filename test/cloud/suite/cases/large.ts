import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import {
  formatMib,
  formatRate,
  GIB,
  MIB,
  measureTime,
  readFreeBytes,
  readMemoryBytes,
} from "../../../soak/figures.ts";
import { requireNone } from "../../../soak/report.ts";
import { download, requireStatus, sendRequest } from "../../../soak/support/client.ts";
import { type Content, createContent, generateBytes } from "../../../soak/support/content.ts";
import { locationOf, partialBody, withDigest } from "../../../soak/support/push.ts";
import type { RunningCloud } from "../cloud-process.ts";
import type { Stage } from "../stage.ts";

const REPOSITORY = "cloud/large";

/** Timeout of some clients in milliseconds. */
const MAX_CLOSING_MILLISECONDS = 30_000;

/** A small fraction of an environment's memory, in bytes. */
const MAX_MEMORY_BYTES = 400 * MIB;

/** Guarantee: layers of any size, from clients of both families, in an environment of 2 GB. */
export async function runLarge({ report, cloud, mode, options }: Stage): Promise<void> {
  const size = options.quick ? 300 * MIB : 5 * GIB;
  for (const family of ["PATCH", "PUT"] as const) {
    await report.case(`${mode}: push by ${family} and pull of ${formatMib(size)}`, async () => {
      await requireSpace(size);
      const blob = createContent(`${options.seed}/${mode}/${family}`, size);
      const { value, peak } = await watchingMemory(cloud, () => moveThrough(cloud, blob, family));
      const problems = [...value.problems];
      if (peak === 0) problems.push("no environment was measured");
      if (peak > MAX_MEMORY_BYTES) problems.push(`an environment used ${formatMib(peak)}`);
      return requireNone(problems, `${value.figures}; peak memory ${formatMib(peak)}`);
    });
  }
}

interface Moved {
  readonly problems: readonly string[];
  readonly figures: string;
}

async function moveThrough(cloud: RunningCloud, blob: Content, family: "PATCH" | "PUT"): Promise<Moved> {
  const uploads = `${cloud.url}/v2/${REPOSITORY}/blobs/uploads/`;
  const begun = requireStatus(await sendRequest(uploads, { method: "POST" }), 202);
  const isPatch = family === "PATCH";
  // Chunked transfer encoding, like older Docker.
  const body = isPatch ? { chunks: generateBytes(blob) } : partialBody(blob, 0, blob.size);
  const sent = await measureTime(
    isPatch ? sendRequest(locationOf(begun, cloud), { method: "PATCH", body }) : Promise.resolve(begun),
  );
  const location = locationOf(requireStatus(sent.value, 202), cloud);
  const closing = sendRequest(withDigest(location, blob), {
    method: "PUT",
    body: isPatch ? undefined : body,
  });
  const closed = await measureTime(closing);
  requireStatus(closed.value, 201);
  const got = await measureTime(download(`${cloud.url}/v2/${REPOSITORY}/blobs/${blob.digest}`));
  const problems: string[] = [];
  if (got.value.digest !== blob.digest)
    problems.push(`the ${got.value.size} pulled bytes do not have the digest`);
  if (isPatch && closed.ms > MAX_CLOSING_MILLISECONDS) problems.push(`closing took ${closed.ms} ms`);
  const push = `push ${formatRate(blob.size, sent.ms + closed.ms)}`;
  const end = isPatch ? `, closed in ${(closed.ms / 1000).toFixed(1)} s` : "";
  return { problems, figures: `${push}${end}; pull ${formatRate(blob.size, got.ms)}` };
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

/** Requires disk space for the staged and final bytes of two layers. @throws Error, because a skipped case would appear as passed */
async function requireSpace(size: number): Promise<void> {
  const [free, needed] = [await readFreeBytes(tmpdir()), 4 * size + GIB];
  if (free < needed)
    throw new Error(
      `not enough space in ${tmpdir()}: ${formatMib(free)} of the required ${formatMib(needed)}`,
    );
}
