import { once } from "node:events";
import { globalAgent } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  countOpenDescriptors,
  countStagedBytes,
  formatMib,
  MIB,
  readMemoryBytes,
  waitUntil,
} from "../figures.ts";
import { type Report, requireNone } from "../report.ts";
import { type StartedServer, startSoakServer } from "../servers.ts";
import { createFolderSite } from "../sites.ts";
import { requireStatus, sendRequest } from "../support/client.ts";
import { createContent } from "../support/content.ts";
import { locationOf, pushBlob } from "../support/push.ts";

const REPOSITORY = "soak/stalls";
const CLIENTS_PER_KIND = 10;
/** Longer than the server's idle timeout of two minutes and the half minute between its checks for late headers. */
const MAX_WAIT_MILLISECONDS = 160_000;
const DROPPED_AFTER_MILLISECONDS = 140_000;
/** More than the buffers of both ends hold. */
const BLOB_BYTES = 64 * MIB;

/** Returns the bytes that a client sends before it becomes idle, with its connection open. */
type Stall = (server: StartedServer, path: string) => string;

const INCOMPLETE_HEAD = `HTTP/1.1\r\nHost: soak\r\n`;

/** Verifies that the server drops idle connections of each kind, and releases their resources. */
export async function runStalls(report: Report, folder: string): Promise<void> {
  await report.case("hangup: idle clients are disconnected after two minutes", async () => {
    const site = await createFolderSite(folder);
    const server = await startSoakServer(site.data, { log: "nothing" });
    try {
      return await stallAll(server);
    } finally {
      await server.stop("SIGKILL");
      await site.clear();
    }
  });
}

async function stallAll(server: StartedServer): Promise<string> {
  const blob = createContent("stalls", BLOB_BYTES);
  requireStatus(await pushBlob({ url: server.url, repository: REPOSITORY }, blob, "put"), 201);
  globalAgent.destroy();
  await sleep(500);
  const before = await countOpenDescriptors(server.pid);
  const stalls: Readonly<Record<string, Stall>> = {
    "no request": () => "",
    "half a head": (_, path) => `PATCH ${path} ${INCOMPLETE_HEAD}`,
    "half an upload (PATCH)": (_, path) =>
      `PATCH ${path} ${INCOMPLETE_HEAD}Content-Length: 1000000\r\n\r\nhalf`,
    "half an upload (chunked)": (_, path) =>
      `PATCH ${path} ${INCOMPLETE_HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`,
    "half an upload (PUT)": (_, path) =>
      `PUT ${path}?digest=${blob.digest} ${INCOMPLETE_HEAD}Content-Length: 1000\r\n\r\nhalf`,
    "half a manifest": () =>
      `PUT /v2/${REPOSITORY}/manifests/a ${INCOMPLETE_HEAD}Content-Length: 1000\r\n\r\n{`,
    "an unread download": () => `GET /v2/${REPOSITORY}/blobs/${blob.digest} ${INCOMPLETE_HEAD}\r\n`,
  };
  const clients: Promise<{ kind: string; seconds: number }>[] = [];
  for (const [kind, stall] of Object.entries(stalls)) {
    for (let count = 0; count < CLIENTS_PER_KIND; count++) clients.push(stallConnection(server, kind, stall));
  }
  await sleep(3000);
  const during = await countOpenDescriptors(server.pid);
  const ends = await Promise.all(clients);
  const problems: string[] = [];
  if (during < before + clients.length) problems.push(`only ${during} open files with all clients connected`);
  for (const { kind, seconds } of ends) {
    if (seconds === Number.POSITIVE_INFINITY)
      problems.push(`${kind}: still connected after ${MAX_WAIT_MILLISECONDS / 1000} s`);
    if (seconds < 30) problems.push(`${kind}: dropped after ${seconds.toFixed(0)} s`);
  }
  const isFreed = async () =>
    (await countOpenDescriptors(server.pid)) <= before && (await countStagedBytes(server.data)) === 0;
  if (!(await waitUntil(5000, isFreed))) {
    problems.push(
      `${await countOpenDescriptors(server.pid)} open files (${before} before), ${await countStagedBytes(server.data)} bytes staged`,
    );
  }
  const figures = `${ends.length} clients; ${spans(ends)}; open files ${before}, ${during}, ${await countOpenDescriptors(server.pid)}`;
  return requireNone(problems, `${figures}; memory ${formatMib(await readMemoryBytes(server.pid, "now"))}`);
}

async function stallConnection(server: StartedServer, kind: string, stall: Stall) {
  const begun = requireStatus(
    await sendRequest(`${server.url}/v2/${REPOSITORY}/blobs/uploads/`, { method: "POST" }),
    202,
  );
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(stall(server, new URL(locationOf(begun, server)).pathname));
  return { kind, seconds: await secondsUntilClosed(socket, kind === "an unread download") };
}

/** Waits until the server closes the connection. @returns seconds, or Infinity when it stays open */
async function secondsUntilClosed(socket: Socket, readsNothing: boolean): Promise<number> {
  const startTime = performance.now();
  const ended = new Promise<number>((resolve) => {
    socket.once("close", () => resolve((performance.now() - startTime) / 1000));
  });
  if (readsNothing) return await secondsUnread(socket, ended);
  socket.resume();
  const late = sleep(MAX_WAIT_MILLISECONDS, Number.POSITIVE_INFINITY, { ref: false });
  const seconds = await Promise.race([ended, late]);
  socket.destroy();
  return seconds;
}

/**
 * Waits for the close of a connection whose client reads nothing: the client notices it only when it reads the bytes that
 * were sent before, which must not be the whole blob.
 */
async function secondsUnread(socket: Socket, ended: Promise<number>): Promise<number> {
  socket.pause();
  await sleep(DROPPED_AFTER_MILLISECONDS);
  let received = 0;
  socket.on("data", (chunk) => {
    received += chunk.length;
  });
  const seconds = await ended;
  return received < BLOB_BYTES ? seconds : Number.POSITIVE_INFINITY;
}

function spans(ends: readonly { readonly kind: string; readonly seconds: number }[]): string {
  const kinds = [...new Set(ends.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const seconds = ends.filter((end) => end.kind === kind).map((end) => end.seconds);
      return `${kind} ${Math.min(...seconds).toFixed(0)}-${Math.max(...seconds).toFixed(0)} s`;
    })
    .join(", ");
}
