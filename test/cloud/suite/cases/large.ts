import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { freeBytes, GIB, inMib, MIB, memoryOf, rate, timed } from "../../../soak/figures.ts";
import { requireNone } from "../../../soak/report.ts";
import { call, download, requireStatus } from "../../../soak/support/client.ts";
import { bytesOf, type Content, makeContent } from "../../../soak/support/content.ts";
import { locationOf, part, withDigest } from "../../../soak/support/push.ts";
import type { RunningCloud } from "../cloud-process.ts";
import type { Stage } from "../stage.ts";

const REPOSITORY = "cloud/large";

/** Some clients wait for an answer no longer than 30 s. */
const CLOSING_LIMIT = 30_000;

/** A small part of what an environment has. */
const MEMORY_LIMIT = 400 * MIB;

/** Promise: a layer of any size, by clients of both families, in an environment of 2 GB. */
export async function runLarge({ report, cloud, mode, options }: Stage): Promise<void> {
  const size = options.quick ? 300 * MIB : 5 * GIB;
  for (const family of ["PATCH", "PUT"] as const) {
    await report.case(`${mode}: ${inMib(size)} by ${family}, and out again`, async () => {
      await requireSpace(size);
      const blob = makeContent(`${options.seed}/${mode}/${family}`, size);
      const { value, peak } = await watchingMemory(cloud, () => moveThrough(cloud, blob, family));
      const problems = [...value.problems];
      if (peak === 0) problems.push("no environment was measured");
      if (peak > MEMORY_LIMIT) problems.push(`an environment took ${inMib(peak)}`);
      return requireNone(problems, `${value.figures}; peak memory ${inMib(peak)}`);
    });
  }
}

interface Moved {
  readonly problems: readonly string[];
  readonly figures: string;
}

async function moveThrough(cloud: RunningCloud, blob: Content, family: "PATCH" | "PUT"): Promise<Moved> {
  const uploads = `${cloud.url}/v2/${REPOSITORY}/blobs/uploads/`;
  const begun = requireStatus(await call(uploads, { method: "POST" }), 202);
  const isPatch = family === "PATCH";
  // In chunked transfer encoding, as older Docker sends it.
  const body = isPatch ? { chunks: bytesOf(blob) } : part(blob, 0, blob.size);
  const sent = await timed(
    isPatch ? call(locationOf(begun, cloud), { method: "PATCH", body }) : Promise.resolve(begun),
  );
  const location = locationOf(requireStatus(sent.value, 202), cloud);
  const closing = call(withDigest(location, blob), { method: "PUT", body: isPatch ? undefined : body });
  const closed = await timed(closing);
  requireStatus(closed.value, 201);
  const got = await timed(download(`${cloud.url}/v2/${REPOSITORY}/blobs/${blob.digest}`));
  const problems: string[] = [];
  if (got.value.digest !== blob.digest) problems.push(`${got.value.size} other bytes came back`);
  if (isPatch && closed.ms > CLOSING_LIMIT) problems.push(`closing took ${closed.ms} ms`);
  const push = `push ${rate(blob.size, sent.ms + closed.ms)}`;
  const end = isPatch ? `, closed in ${(closed.ms / 1000).toFixed(1)} s` : "";
  return { problems, figures: `${push}${end}; pull ${rate(blob.size, got.ms)}` };
}

/** The most that any environment held, also of those that left while the work was done. */
async function watchingMemory<T>(cloud: RunningCloud, work: () => Promise<T>) {
  let peak = 0;
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      const pids = await cloud.webPids();
      const peaks = await Promise.all(pids.map((pid) => memoryOf(pid, "peak").catch(() => 0)));
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

/** Staged and final bytes of two layers. @throws Error, since a case that was left out would look like one that passed */
async function requireSpace(size: number): Promise<void> {
  const [free, needed] = [await freeBytes(tmpdir()), 4 * size + GIB];
  if (free < needed)
    throw new Error(`not enough space in ${tmpdir()}: ${inMib(free)} of the ${inMib(needed)} it takes`);
}
