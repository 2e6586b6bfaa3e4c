import { tmpdir } from "node:os";
import {
  formatMib,
  formatRate,
  GIB,
  MIB,
  measureTime,
  readFreeBytes,
  readMemoryBytes,
} from "../../soak/figures.ts";
import { type Report, requireNone } from "../../soak/report.ts";
import { download, requireStatus, sendRequest } from "../../soak/support/client.ts";
import { type Content, createContent, generateBytes } from "../../soak/support/content.ts";
import { locationOf, partialBody, withDigest } from "../../soak/support/push.ts";
import type { RunningServer } from "../../support/server.ts";
import type { Options } from "../options.ts";
import { withReplica } from "../support/replicas.ts";

const REPOSITORY = "stores/large";
const MAX_MEMORY_BYTES = 200_000_000;
/** Timeout of some clients in milliseconds. The S3-compatible server copies all bytes twice, and shares the CPU with all else. */
const MAX_CLOSING_MILLISECONDS = 30_000;
const TAIL = 1000;

/** Guarantee: memory does not grow with the layers, and an upload of any size is closed within the timeout. */
export async function runLarge(report: Report, { quick, seed }: Options): Promise<void> {
  const size = quick ? 512 * MIB : 5 * GIB;
  await requireSpace(size);
  for (const family of ["PATCH", "PUT"] as const) {
    await report.case(`large: push by ${family} and pull of ${formatMib(size)}`, () => {
      const blob = createContent(`${seed}/${family}`, size);
      return withReplica({ redirect: false }, (server) => moveThrough(server, blob, family));
    });
  }
}

async function moveThrough(server: RunningServer, blob: Content, family: "PATCH" | "PUT"): Promise<string> {
  const atRest = await readMemoryBytes(server.pid, "peak");
  const sent = await measureTime(family === "PATCH" ? patch(server, blob) : begin(server));
  const closed = await measureTime(
    sendRequest(withDigest(sent.value, blob), {
      method: "PUT",
      body: family === "PUT" ? partialBody(blob, 0, blob.size) : undefined,
    }),
  );
  requireStatus(closed.value, 201);
  const afterPush = await readMemoryBytes(server.pid, "peak");
  const url = `${server.url}/v2/${REPOSITORY}/blobs/${blob.digest}`;
  const got = await measureTime(download(url));
  const tail = await sendRequest(url, { headers: { range: `bytes=${blob.size - TAIL}-` } });
  const afterPull = await readMemoryBytes(server.pid, "peak");
  const problems: string[] = [];
  if (got.value.digest !== blob.digest)
    problems.push(`the ${got.value.size} pulled bytes do not have the digest`);
  if (!tail.body.equals(Buffer.concat([...generateBytes(blob, blob.size - TAIL)])))
    problems.push("the last bytes are wrong");
  if (afterPull >= MAX_MEMORY_BYTES) problems.push(`peak memory is ${formatMib(afterPull)}, above 200 MB`);
  if (family === "PATCH" && closed.ms > MAX_CLOSING_MILLISECONDS)
    problems.push("closing exceeds the time limit");
  const push = `push ${formatRate(blob.size, sent.ms + closed.ms)}`;
  const closing = family === "PATCH" ? `, closed in ${(closed.ms / 1000).toFixed(1)} s` : "";
  const memory = `peak memory ${formatMib(afterPush)} after the push, ${formatMib(afterPull)} after the pull (${formatMib(atRest)} before)`;
  return requireNone(problems, `${push}${closing}; pull ${formatRate(blob.size, got.ms)}; ${memory}`);
}

async function begin({ url }: RunningServer): Promise<string> {
  const begun = await sendRequest(`${url}/v2/${REPOSITORY}/blobs/uploads/`, { method: "POST" });
  return locationOf(requireStatus(begun, 202), { url });
}

/** Pushes by PATCH in chunked transfer encoding, like older Docker. */
async function patch(server: RunningServer, blob: Content): Promise<string> {
  const body = { chunks: generateBytes(blob) };
  const patched = await sendRequest(await begin(server), { method: "PATCH", body });
  return locationOf(requireStatus(patched, 202), server);
}

/** Requires disk space for the staged and final bytes of two layers. @throws Error, because a skipped case would appear as passed */
async function requireSpace(size: number): Promise<void> {
  const [free, needed] = [await readFreeBytes(tmpdir()), 4 * size + GIB];
  if (free < needed)
    throw new Error(
      `not enough space in ${tmpdir()}: ${formatMib(free)} of the required ${formatMib(needed)}`,
    );
}
