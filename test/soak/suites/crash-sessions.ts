import { once } from "node:events";
import type { ClientRequest } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../local-cloud/support/random.ts";
import { listDataFolder, readBlobFileSize } from "../data-folder.ts";
import { listStagedFiles, MIB, waitUntil } from "../figures.ts";
import type { Options } from "../options.ts";
import { type Report, requireNone } from "../report.ts";
import { type StartedServer, startSoakServer } from "../servers.ts";
import { createFolderSite, type Site } from "../sites.ts";
import { createRequest, download, requireStatus, sendRequest } from "../support/client.ts";
import { type Content, createContent, generateBytes } from "../support/content.ts";
import { locationOf, partialBody, pushBlob, withDigest } from "../support/push.ts";

const REPOSITORY = "soak/sessions";

/** Verifies that upload sessions survive a crash, and expire after a day. */
export async function runSessions(report: Report, options: Options): Promise<void> {
  const kills = options.quick ? 6 : 40;
  const folder = join(options.folder, "sessions");
  await report.case(
    `crash: upload sessions resume and complete after ${kills} kills during a chunk`,
    async () => {
      const site = await createFolderSite(folder);
      const figures = await killWithinChunks(site, kills, options.seed);
      await site.clear();
      return figures;
    },
  );
  await report.case("crash: upload sessions expire after a day", async () => {
    const site = await createFolderSite(folder);
    const figures = await outliveSessions(site);
    await site.clear();
    return figures;
  });
}

async function killWithinChunks(site: Site, kills: number, seed: string): Promise<string> {
  const random = new Random(`${seed}/sessions`);
  const problems: string[] = [];
  let server = await startSoakServer(site.data);
  for (let kill = 0; kill < kills; kill++) {
    const blob = createContent(`${seed}/session/${kill}`, 24 * MIB);
    const first = random.between(1, 4 * MIB);
    const path = await killWithinSecondChunk(server, blob, { first, after: random.between(0, 60) }, site);
    server = await startSoakServer(site.data);
    const location = `${server.url}${path}`;
    const { headers } = requireStatus(await sendRequest(location), 204);
    if (headers.range !== `0-${first - 1}`)
      problems.push(`kill ${kill}: Range is ${headers.range}, not 0-${first - 1}`);
    const isContinued = kill % 2 === 0;
    const expected = await (isContinued ? continueSession : closeSession)(location, blob, first);
    const got = await download(`${server.url}/v2/${REPOSITORY}/blobs/${expected.digest}`);
    const how = isContinued ? "was continued" : "was closed";
    if (got.digest !== expected.digest)
      problems.push(`kill ${kill}: a session that ${how} produced wrong bytes`);
    // Bytes beyond the Content-Length would not be part of this response, but corrupt the next one on the connection.
    const size = await readBlobFileSize(site.data, expected.digest);
    if (size !== expected.size) {
      problems.push(`kill ${kill}: a session that ${how} at ${first} produced a file of ${size} bytes`);
    }
  }
  await server.stop();
  return requireNone(
    problems,
    `${Math.ceil(kills / 2)} sessions continued, ${Math.floor(kills / 2)} closed without more bytes`,
  );
}

/** Crashes the server when a part of the second chunk has reached the disk. @returns the session's path */
async function killWithinSecondChunk(
  server: StartedServer,
  blob: Content,
  { first, after }: { readonly first: number; readonly after: number },
  site: Site,
): Promise<string> {
  const location = await beginSession(server);
  requireStatus(await sendRequest(location, { method: "PATCH", body: partialBody(blob, 0, first) }), 202);
  const second = createRequest(location, { method: "PATCH" });
  second.on("error", () => undefined);
  await writeAll(second, generateBytes(blob, first, blob.size - MIB));
  const isArriving = async () => (await listStagedFiles(server.data)).some(({ size }) => size > first);
  if (!(await waitUntil(10_000, isArriving))) throw new Error("the second chunk did not arrive");
  await sleep(after);
  await site.crash(server);
  return new URL(location).pathname;
}

async function beginSession(target: Pick<StartedServer, "url">): Promise<string> {
  const uploads = `${target.url}/v2/${REPOSITORY}/blobs/uploads/`;
  return locationOf(requireStatus(await sendRequest(uploads, { method: "POST" }), 202), target);
}

async function writeAll(outgoing: ClientRequest, chunks: Iterable<Uint8Array>): Promise<void> {
  for (const chunk of chunks) if (!outgoing.write(chunk)) await once(outgoing, "drain");
}

async function continueSession(location: string, blob: Content, size: number): Promise<Content> {
  if (size < blob.size) {
    const headers = { "content-range": `${size}-${blob.size - 1}` };
    requireStatus(
      await sendRequest(location, { method: "PATCH", headers, body: partialBody(blob, size, blob.size) }),
      202,
    );
  }
  requireStatus(await sendRequest(withDigest(location, blob), { method: "PUT" }), 201);
  return blob;
}

/** Closes a session with only the acknowledged bytes: the interrupted chunk is not part of the blob. */
async function closeSession(location: string, { seed }: Content, size: number): Promise<Content> {
  const shorter = createContent(seed, size);
  requireStatus(await sendRequest(withDigest(location, shorter), { method: "PUT" }), 201);
  return shorter;
}

async function outliveSessions(site: Site): Promise<string> {
  const server = await startSoakServer(site.data);
  const kept = createContent("kept", 5 * MIB);
  requireStatus(await pushBlob({ url: server.url, repository: REPOSITORY }, kept, "patch"), 201);
  const paths = await leaveSessions(server);
  await site.crash(server);
  const staged = await listStagedFiles(site.data);
  const problems: string[] = [];
  const later = await startSoakServer(site.data, { hoursAhead: 23 });
  await sleep(1000);
  for (const path of paths) {
    const { status } = await sendRequest(`${later.url}${path}`);
    if (status !== 204) problems.push(`after 23 hours a session returns ${status}`);
  }
  await later.stop();
  const tomorrow = await startSoakServer(site.data, { hoursAhead: 25 });
  if (!(await waitUntil(10_000, async () => (await listStagedFiles(site.data)).length === 0))) {
    problems.push(`after 25 hours ${(await listStagedFiles(site.data)).length} staged files are left`);
  }
  for (const path of paths) {
    const { status } = await sendRequest(`${tomorrow.url}${path}`);
    if (status !== 404) problems.push(`after 25 hours a session returns ${status}`);
  }
  const got = await download(`${tomorrow.url}/v2/${REPOSITORY}/blobs/${kept.digest}`);
  if (got.digest !== kept.digest) problems.push("the sweep deleted a blob");
  await tomorrow.stop();
  const { sessions } = await listDataFolder(site.data, [REPOSITORY]);
  if (sessions.length > 0) problems.push(`after 25 hours ${sessions.length} records of sessions are left`);
  return requireNone(
    problems,
    `${paths.length} sessions with ${staged.length} files existed after 23 hours, and expired before 25`,
  );
}

/** Creates sessions without bytes, with a part of a chunk, and with a whole chunk, five of each. @returns their paths */
async function leaveSessions(server: StartedServer): Promise<readonly string[]> {
  const paths: string[] = [];
  const blob = { seed: "left", size: 3 * MIB };
  for (let count = 0; count < 15; count++) {
    const location = await beginSession(server);
    paths.push(new URL(location).pathname);
    if (count < 5) continue;
    const outgoing = createRequest(location, { method: "PATCH" });
    outgoing.on("error", () => undefined);
    await writeAll(outgoing, generateBytes(blob));
    if (count < 10) continue;
    const responded = once(outgoing, "response");
    outgoing.end();
    await responded;
  }
  await waitUntil(5000, async () => (await listStagedFiles(server.data)).length === 10);
  return paths;
}
