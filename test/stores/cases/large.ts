import { tmpdir } from "node:os";
import { freeBytes, GIB, inMib, MIB, memoryOf, rate, timed } from "../../soak/figures.ts";
import { type Report, requireNone } from "../../soak/report.ts";
import { call, download, requireStatus } from "../../soak/support/client.ts";
import { bytesOf, type Content, makeContent } from "../../soak/support/content.ts";
import { locationOf, part, withDigest } from "../../soak/support/push.ts";
import type { RunningServer } from "../../support/server.ts";
import type { Options } from "../options.ts";
import { withReplica } from "../support/replicas.ts";

const REPOSITORY = "stores/large";
const MEMORY_LIMIT = 200_000_000;
/** Milliseconds that some clients wait. The server that stands in for S3 copies all bytes twice, with the processors of all else. */
const CLOSING_LIMIT = 30_000;
const TAIL = 1000;

/** Promise: memory does not grow with the layers, and an upload of any size is closed soon. */
export async function runLarge(report: Report, { quick, seed }: Options): Promise<void> {
  const size = quick ? 512 * MIB : 5 * GIB;
  await requireSpace(size);
  for (const family of ["PATCH", "PUT"] as const) {
    await report.case(`large: ${inMib(size)} by ${family}, and out again`, () => {
      const blob = makeContent(`${seed}/${family}`, size);
      return withReplica({ redirect: false }, (server) => moveThrough(server, blob, family));
    });
  }
}

async function moveThrough(server: RunningServer, blob: Content, family: "PATCH" | "PUT"): Promise<string> {
  const atRest = await memoryOf(server.pid, "peak");
  const sent = await timed(family === "PATCH" ? patch(server, blob) : begin(server));
  const closed = await timed(
    call(withDigest(sent.value, blob), {
      method: "PUT",
      body: family === "PUT" ? part(blob, 0, blob.size) : undefined,
    }),
  );
  requireStatus(closed.value, 201);
  const afterPush = await memoryOf(server.pid, "peak");
  const url = `${server.url}/v2/${REPOSITORY}/blobs/${blob.digest}`;
  const got = await timed(download(url));
  const tail = await call(url, { headers: { range: `bytes=${blob.size - TAIL}-` } });
  const afterPull = await memoryOf(server.pid, "peak");
  const problems: string[] = [];
  if (got.value.digest !== blob.digest) problems.push(`${got.value.size} other bytes came back`);
  if (!tail.body.equals(Buffer.concat([...bytesOf(blob, blob.size - TAIL)])))
    problems.push("the last bytes are wrong");
  if (afterPull >= MEMORY_LIMIT) problems.push(`peak memory is ${inMib(afterPull)}, above 200 MB`);
  if (family === "PATCH" && closed.ms > CLOSING_LIMIT) problems.push("closing takes too long");
  const push = `push ${rate(blob.size, sent.ms + closed.ms)}`;
  const closing = family === "PATCH" ? `, closed in ${(closed.ms / 1000).toFixed(1)} s` : "";
  const memory = `peak memory ${inMib(afterPush)} after the push, ${inMib(afterPull)} after the pull (${inMib(atRest)} before)`;
  return requireNone(problems, `${push}${closing}; pull ${rate(blob.size, got.ms)}; ${memory}`);
}

async function begin({ url }: RunningServer): Promise<string> {
  const begun = await call(`${url}/v2/${REPOSITORY}/blobs/uploads/`, { method: "POST" });
  return locationOf(requireStatus(begun, 202), { url });
}

/** In chunked transfer encoding, as older Docker sends it. */
async function patch(server: RunningServer, blob: Content): Promise<string> {
  const body = { chunks: bytesOf(blob) };
  const patched = await call(await begin(server), { method: "PATCH", body });
  return locationOf(requireStatus(patched, 202), server);
}

/** Staged and final bytes of two layers. @throws Error, since a case that was left out would look like one that passed */
async function requireSpace(size: number): Promise<void> {
  const [free, needed] = [await freeBytes(tmpdir()), 4 * size + GIB];
  if (free < needed)
    throw new Error(`not enough space in ${tmpdir()}: ${inMib(free)} of the ${inMib(needed)} it takes`);
}
