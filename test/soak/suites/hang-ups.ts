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
const MAX_CONCURRENT_CLIENTS = 8;
/** Bytes by which memory may grow in the last third of the disconnects, because of garbage that is not collected yet. */
const MAX_MEMORY_GROWTH_BYTES = 24 * MIB;

type Disconnect = (server: Started, blob: Content, random: Random) => Promise<void>;

const KINDS: Readonly<Record<string, Disconnect>> = {
  "within uploads": disconnectWithinUpload,
  "within downloads": disconnectWithinDownload,
  "right after the request": disconnectAfterRequest,
};

/** Disconnects clients in each phase of a request, and verifies that the server releases their resources. */
export async function hangUpOften(
  report: Report,
  folder: string,
  times: number,
  seed: string,
): Promise<void> {
  for (const [kind, disconnect] of Object.entries(KINDS)) {
    await report.case(`hangup: ${times} disconnects ${kind}`, async () => {
      const site = await folderSite(folder);
      const server = await start(site.data, { log: "nothing" });
      try {
        return await disconnectInThirds(server, disconnect, times, `${seed}/${kind}`);
      } finally {
        await server.stop();
        await site.clear();
      }
    });
  }
}

/**
 * Runs the disconnects in thirds, and verifies after each that all resources are released. The first two bring the memory
 * to its usual size.
 */
async function disconnectInThirds(
  server: Started,
  disconnect: Disconnect,
  times: number,
  seed: string,
): Promise<string> {
  const random = new Random(seed);
  const blob = makeContent(seed, 16 * MIB);
  requireStatus(await pushBlob({ url: server.url, repository: REPOSITORY }, blob, "put"), 201);
  const memory: number[] = [];
  const problems: string[] = [];
  const filesBefore = await countOpenFiles(server);
  for (const third of [1, 2, 3]) {
    const indexes = Array.from({ length: Math.ceil(times / 3) }, (_, index) => index);
    await inParallel(indexes, MAX_CONCURRENT_CLIENTS, () => disconnect(server, blob, random));
    const isReleased = async () =>
      (await countOpenFiles(server)) <= filesBefore && (await stagedBytes(server.data)) === 0;
    if (!(await within(10_000, isReleased))) problems.push(await describeHeld(server, filesBefore, third));
    memory.push(await memoryOf(server.pid, "now"));
  }
  const [, second = 0, last = 0] = memory;
  if (last - second > MAX_MEMORY_GROWTH_BYTES) problems.push(`memory grew by ${inMib(last - second)}`);
  const orphaned = (await stagedFiles(server.data)).filter(({ name }) => name.startsWith("put-"));
  if (orphaned.length > 0) problems.push(`${orphaned.length} files of interrupted requests`);
  const again = makeContent(`${seed}/again`, MIB);
  requireStatus(await pushBlob({ url: server.url, repository: REPOSITORY }, again, "patch"), 201);
  const files = await countOpenFiles(server);
  const memories = memory.map(inMib).join(", ");
  return requireNone(
    problems,
    `open files ${filesBefore} before, ${files} after; memory after each third ${memories}`,
  );
}

/** Counts the server's open files, without those of idle connections of this process. */
async function countOpenFiles(server: Started): Promise<number> {
  globalAgent.destroy();
  await sleep(50);
  return await openFilesOf(server.pid);
}

async function describeHeld(server: Started, before: number, third: number): Promise<string> {
  const [files, staged] = [await countOpenFiles(server), await stagedBytes(server.data)];
  return `after third ${third}: ${files} open files (${before} before), ${staged} bytes staged`;
}

async function disconnectWithinUpload(server: Started, _blob: Content, random: Random): Promise<void> {
  const blob = { seed: "cut off", size: 16 * MIB, digest: `sha256:${"0".repeat(64)}` };
  const style = random.pick(STYLES.filter((candidate) => candidate !== "chunks"));
  const outgoing = await beginUpload(server, blob, style);
  await writeUntil(outgoing, blob, random.between(0, blob.size - MIB));
  await sleep(random.between(0, 5));
  outgoing.destroy();
  await waitUntilClosed(outgoing);
}

async function writeUntil(outgoing: ClientRequest, blob: Content, end: number): Promise<void> {
  for (const chunk of bytesOf(blob, 0, end)) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await waitForEvent(outgoing, "drain", "close");
  }
}

async function beginUpload(server: Started, blob: Content, style: Style): Promise<ClientRequest> {
  const uploads = `${server.url}/v2/${REPOSITORY}/blobs/uploads/`;
  const headers: Record<string, string> = style.includes("chunked")
    ? {}
    : { "content-length": String(blob.size) };
  if (style === "post") return beginIgnoringErrors(withDigest(uploads, blob), { method: "POST", headers });
  const location = locationOf(requireStatus(await call(uploads, { method: "POST" }), 202), server);
  return style.startsWith("put")
    ? beginIgnoringErrors(withDigest(location, blob), { method: "PUT", headers })
    : beginIgnoringErrors(location, { method: "PATCH", headers });
}

async function disconnectWithinDownload(server: Started, blob: Content, random: Random): Promise<void> {
  const outgoing = beginIgnoringErrors(urlOf(server, blob), {});
  let remainingBytes = random.between(1, blob.size - MIB);
  outgoing.on("response", (incoming) => {
    incoming.on("error", () => undefined);
    incoming.on("data", (chunk: Uint8Array) => {
      remainingBytes -= chunk.length;
      if (remainingBytes < 0) outgoing.destroy();
    });
  });
  outgoing.end();
  await waitUntilClosed(outgoing);
}

/** Closes the connection before the server responds. */
async function disconnectAfterRequest({ url }: Started, blob: Content, random: Random): Promise<void> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await waitForEvent(socket, "connect", "close");
  socket.write(`GET /v2/${REPOSITORY}/blobs/${blob.digest} HTTP/1.1\r\nHost: soak\r\n\r\n`);
  if (random.chance(0.5)) await sleep(random.between(0, 2));
  socket.resetAndDestroy();
  await waitUntilClosed(socket);
}

function urlOf({ url }: Started, { digest }: Content): string {
  return `${url}/v2/${REPOSITORY}/blobs/${digest}`;
}

function beginIgnoringErrors(url: string, call: Call): ClientRequest {
  return begin(url, call).on("error", () => undefined);
}

/** Waits for one of the events. Unlike `once` of node:events, it does not reject on `error`. */
function waitForEvent(emitter: EventEmitter, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const listener = () => {
      for (const event of events) emitter.off(event, listener);
      resolve();
    };
    for (const event of events) emitter.on(event, listener);
  });
}

async function waitUntilClosed(connection: ClientRequest | Socket): Promise<void> {
  if (!connection.closed) await waitForEvent(connection, "close");
}
