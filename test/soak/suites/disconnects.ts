import type { EventEmitter } from "node:events";
import { type ClientRequest, globalAgent } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../local-cloud/support/random.ts";
import {
  countOpenDescriptors,
  countStagedBytes,
  formatMib,
  listStagedFiles,
  MIB,
  readMemoryBytes,
  waitUntil,
} from "../figures.ts";
import { runConcurrently } from "../parallel.ts";
import { type Report, requireNone } from "../report.ts";
import { type StartedServer, startSoakServer } from "../servers.ts";
import { createFolderSite } from "../sites.ts";
import { createRequest, type RequestOptions, requireStatus, sendRequest } from "../support/client.ts";
import { type Content, createContent, generateBytes } from "../support/content.ts";
import { locationOf, pushBlob, UPLOAD_FORMS, type UploadForm, withDigest } from "../support/push.ts";

const REPOSITORY = "soak/hangup";
const MAX_CONCURRENT_CLIENTS = 8;
/** The bytes by which memory may grow in the last third of the disconnects: garbage that has not been collected yet. */
const MAX_MEMORY_GROWTH_BYTES = 24 * MIB;

type Disconnect = (server: StartedServer, blob: Content, random: Random) => Promise<void>;

const KINDS: Readonly<Record<string, Disconnect>> = {
  "during uploads": disconnectDuringUpload,
  "during downloads": disconnectDuringDownload,
  "right after the request": disconnectAfterRequest,
};

/** Disconnects clients in each phase of a request, and verifies that the server releases their resources. */
export async function runDisconnects(
  report: Report,
  folder: string,
  times: number,
  seed: string,
): Promise<void> {
  for (const [kind, disconnect] of Object.entries(KINDS)) {
    await report.case(`hangup: ${times} disconnects ${kind}`, async () => {
      const site = await createFolderSite(folder);
      const server = await startSoakServer(site.data, { log: "nothing" });
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
 * Runs the disconnects in thirds, and verifies after each that all resources are released. Memory use may settle during
 * the first two.
 */
async function disconnectInThirds(
  server: StartedServer,
  disconnect: Disconnect,
  times: number,
  seed: string,
): Promise<string> {
  const random = new Random(seed);
  const blob = createContent(seed, 16 * MIB);
  requireStatus(await pushBlob({ url: server.url, repository: REPOSITORY }, blob, "put"), 201);
  const memory: number[] = [];
  const problems: string[] = [];
  const filesBefore = await countOpenFiles(server);
  for (const third of [1, 2, 3]) {
    const indexes = Array.from({ length: Math.ceil(times / 3) }, (_, index) => index);
    await runConcurrently(indexes, MAX_CONCURRENT_CLIENTS, () => disconnect(server, blob, random));
    const isReleased = async () =>
      (await countOpenFiles(server)) <= filesBefore && (await countStagedBytes(server.data)) === 0;
    if (!(await waitUntil(10_000, isReleased)))
      problems.push(await describeUnreleased(server, filesBefore, third));
    memory.push(await readMemoryBytes(server.pid, "now"));
  }
  const [, second = 0, last = 0] = memory;
  if (last - second > MAX_MEMORY_GROWTH_BYTES) problems.push(`memory grew by ${formatMib(last - second)}`);
  const orphaned = (await listStagedFiles(server.data)).filter(({ name }) => name.startsWith("put-"));
  if (orphaned.length > 0) problems.push(`${orphaned.length} staged files of interrupted requests remain`);
  const again = createContent(`${seed}/again`, MIB);
  requireStatus(await pushBlob({ url: server.url, repository: REPOSITORY }, again, "patch"), 201);
  const files = await countOpenFiles(server);
  const memoryAfterThirds = memory.map(formatMib).join(", ");
  return requireNone(
    problems,
    `open files ${filesBefore} before, ${files} after; memory after each third ${memoryAfterThirds}`,
  );
}

/** Counts the server's open files, excluding this process's idle connections. */
async function countOpenFiles(server: StartedServer): Promise<number> {
  globalAgent.destroy();
  await sleep(50);
  return await countOpenDescriptors(server.pid);
}

async function describeUnreleased(server: StartedServer, before: number, third: number): Promise<string> {
  const [files, staged] = [await countOpenFiles(server), await countStagedBytes(server.data)];
  return `after third ${third}: ${files} open files (${before} before), ${staged} bytes staged`;
}

async function disconnectDuringUpload(server: StartedServer, _blob: Content, random: Random): Promise<void> {
  const blob = { seed: "cut off", size: 16 * MIB, digest: `sha256:${"0".repeat(64)}` };
  const form = random.pick(UPLOAD_FORMS.filter((candidate) => candidate !== "chunks"));
  const outgoing = await beginUpload(server, blob, form);
  await writeUntil(outgoing, blob, random.between(0, blob.size - MIB));
  await sleep(random.between(0, 5));
  outgoing.destroy();
  await waitUntilClosed(outgoing);
}

async function writeUntil(outgoing: ClientRequest, blob: Content, end: number): Promise<void> {
  for (const chunk of generateBytes(blob, 0, end)) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await waitForEvent(outgoing, "drain", "close");
  }
}

async function beginUpload(server: StartedServer, blob: Content, form: UploadForm): Promise<ClientRequest> {
  const uploads = `${server.url}/v2/${REPOSITORY}/blobs/uploads/`;
  const headers: Record<string, string> = form.includes("chunked")
    ? {}
    : { "content-length": String(blob.size) };
  if (form === "post") return beginIgnoringErrors(withDigest(uploads, blob), { method: "POST", headers });
  const location = locationOf(requireStatus(await sendRequest(uploads, { method: "POST" }), 202), server);
  return form.startsWith("put")
    ? beginIgnoringErrors(withDigest(location, blob), { method: "PUT", headers })
    : beginIgnoringErrors(location, { method: "PATCH", headers });
}

async function disconnectDuringDownload(server: StartedServer, blob: Content, random: Random): Promise<void> {
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
async function disconnectAfterRequest({ url }: StartedServer, blob: Content, random: Random): Promise<void> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await waitForEvent(socket, "connect", "close");
  socket.write(`GET /v2/${REPOSITORY}/blobs/${blob.digest} HTTP/1.1\r\nHost: soak\r\n\r\n`);
  if (random.chance(0.5)) await sleep(random.between(0, 2));
  socket.resetAndDestroy();
  await waitUntilClosed(socket);
}

function urlOf({ url }: StartedServer, { digest }: Content): string {
  return `${url}/v2/${REPOSITORY}/blobs/${digest}`;
}

function beginIgnoringErrors(url: string, call: RequestOptions): ClientRequest {
  return createRequest(url, call).on("error", () => undefined);
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
