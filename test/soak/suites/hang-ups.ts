import type { EventEmitter } from "node:events";
import { type ClientRequest, globalAgent } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../local-cloud/support/random.ts";
import { inMib, MIB, memoryOf, openFilesOf, stagedBytes, stagedFiles, within } from "../figures.ts";
import { inParallel } from "../parallel.ts";
import { type Report, requireNone } from "../report.ts";
import { type Started, start } from "../servers.ts";
import { folderSite } from "../sites.ts";
import { begin, type Call, call, requireStatus } from "../support/client.ts";
import { bytesOf, type Content, makeContent } from "../support/content.ts";
import { locationOf, pushBlob, STYLES, type Style, withDigest } from "../support/push.ts";

const REPOSITORY = "soak/hangup";
const AT_ONCE = 8;
/** Maximum growth of memory in the last third of the disconnects: garbage, but no leak. */
const GROWTH_LIMIT = 24 * MIB;

type HangUp = (server: Started, blob: Content, random: Random) => Promise<void>;

const KINDS: Readonly<Record<string, HangUp>> = {
  "within uploads": hangUpWithinUpload,
  "within downloads": hangUpWithinDownload,
  "right after asking": hangUpAfterAsking,
};

export async function hangUpOften(
  report: Report,
  folder: string,
  times: number,
  seed: string,
): Promise<void> {
  for (const [kind, hangUp] of Object.entries(KINDS)) {
    await report.case(`hangup: ${times} ${kind}`, async () => {
      const site = await folderSite(folder);
      const server = await start(site.data, { log: "nothing" });
      try {
        return await hangUpThrice(server, hangUp, times, `${seed}/${kind}`);
      } finally {
        await server.stop();
        await site.clear();
      }
    });
  }
}

/** In three thirds, after each of which all resources must be free again; the first two warm up the memory. */
async function hangUpThrice(server: Started, hangUp: HangUp, times: number, seed: string): Promise<string> {
  const random = new Random(seed);
  const blob = makeContent(seed, 16 * MIB);
  requireStatus(await pushBlob({ url: server.url, repository: REPOSITORY }, blob, "put"), 201);
  const memory: number[] = [];
  const problems: string[] = [];
  const filesBefore = await restingFiles(server);
  for (const third of [1, 2, 3]) {
    const turns = Array.from({ length: Math.ceil(times / 3) }, (_, turn) => turn);
    await inParallel(turns, AT_ONCE, () => hangUp(server, blob, random));
    const isFreed = async () =>
      (await restingFiles(server)) <= filesBefore && (await stagedBytes(server.data)) === 0;
    if (!(await within(10_000, isFreed))) problems.push(await describeHeld(server, filesBefore, third));
    memory.push(await memoryOf(server.pid, "now"));
  }
  const [, second = 0, last = 0] = memory;
  if (last - second > GROWTH_LIMIT) problems.push(`memory grew by ${inMib(last - second)}`);
  const dead = (await stagedFiles(server.data)).filter(({ name }) => name.startsWith("put-"));
  if (dead.length > 0) problems.push(`${dead.length} files of dead requests`);
  const again = makeContent(`${seed}/again`, MIB);
  requireStatus(await pushBlob({ url: server.url, repository: REPOSITORY }, again, "patch"), 201);
  const files = await restingFiles(server);
  const memories = memory.map(inMib).join(", ");
  return requireNone(
    problems,
    `open files ${filesBefore} before, ${files} after; memory after each third ${memories}`,
  );
}

/** Excludes idle connections of this process. */
async function restingFiles(server: Started): Promise<number> {
  globalAgent.destroy();
  await sleep(50);
  return await openFilesOf(server.pid);
}

async function describeHeld(server: Started, before: number, third: number): Promise<string> {
  const [files, staged] = [await restingFiles(server), await stagedBytes(server.data)];
  return `after third ${third}: ${files} open files (${before} before), ${staged} bytes staged`;
}

async function hangUpWithinUpload(server: Started, _blob: Content, random: Random): Promise<void> {
  const blob = { seed: "cut off", size: 16 * MIB, digest: `sha256:${"0".repeat(64)}` };
  const style = random.pick(STYLES.filter((candidate) => candidate !== "chunks"));
  const outgoing = await beginUpload(server, blob, style);
  await writeUntil(outgoing, blob, random.between(0, blob.size - MIB));
  await sleep(random.between(0, 5));
  outgoing.destroy();
  await closed(outgoing);
}

async function writeUntil(outgoing: ClientRequest, blob: Content, end: number): Promise<void> {
  for (const chunk of bytesOf(blob, 0, end)) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await nextOf(outgoing, "drain", "close");
  }
}

async function beginUpload(server: Started, blob: Content, style: Style): Promise<ClientRequest> {
  const uploads = `${server.url}/v2/${REPOSITORY}/blobs/uploads/`;
  const headers: Record<string, string> = style.includes("chunked")
    ? {}
    : { "content-length": String(blob.size) };
  if (style === "post") return beginQuietly(withDigest(uploads, blob), { method: "POST", headers });
  const location = locationOf(requireStatus(await call(uploads, { method: "POST" }), 202), server);
  return style.startsWith("put")
    ? beginQuietly(withDigest(location, blob), { method: "PUT", headers })
    : beginQuietly(location, { method: "PATCH", headers });
}

async function hangUpWithinDownload(server: Started, blob: Content, random: Random): Promise<void> {
  const outgoing = beginQuietly(urlOf(server, blob), {});
  let left = random.between(1, blob.size - MIB);
  outgoing.on("response", (incoming) => {
    incoming.on("error", () => undefined);
    incoming.on("data", (chunk: Uint8Array) => {
      left -= chunk.length;
      if (left < 0) outgoing.destroy();
    });
  });
  outgoing.end();
  await closed(outgoing);
}

/** The connection is already closed when the response is sent. */
async function hangUpAfterAsking({ url }: Started, blob: Content, random: Random): Promise<void> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await nextOf(socket, "connect", "close");
  socket.write(`GET /v2/${REPOSITORY}/blobs/${blob.digest} HTTP/1.1\r\nHost: soak\r\n\r\n`);
  if (random.chance(0.5)) await sleep(random.between(0, 2));
  socket.resetAndDestroy();
  await closed(socket);
}

function urlOf({ url }: Started, { digest }: Content): string {
  return `${url}/v2/${REPOSITORY}/blobs/${digest}`;
}

function beginQuietly(url: string, call: Call): ClientRequest {
  return begin(url, call).on("error", () => undefined);
}

/** Unlike `once` of node:events, this does not reject on an `error` event. */
function nextOf(emitter: EventEmitter, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const heard = () => {
      for (const event of events) emitter.off(event, heard);
      resolve();
    };
    for (const event of events) emitter.on(event, heard);
  });
}

async function closed(connection: ClientRequest | Socket): Promise<void> {
  if (!connection.closed) await nextOf(connection, "close");
}
