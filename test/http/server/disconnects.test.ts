import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { openDescriptors } from "../../support/process/open-descriptors.ts";
import { digestOf, sampleBytes, UNKNOWN_DIGEST } from "../content.ts";
import { pushBlob, startUpload } from "../push.ts";
import { failureOf, withQuery } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";

const FIRST = sampleBytes(1000, "first");
const REST = sampleBytes(60_000, "rest");
const WHOLE = digestOf(Buffer.concat([FIRST, REST]));
const ANNOUNCED_BYTES = 4 * 1024 * 1024;

const ENDS = [
  { how: "closes", leave: (socket: Socket) => void socket.destroy() },
  { how: "resets", leave: (socket: Socket) => void socket.resetAndDestroy() },
];

/** Requests whose body is not sent completely. */
const CUT_OFF: readonly (readonly [what: string, line: string])[] = [
  ["a chunk of a session with some bytes", "PATCH {session}"],
  ["the first chunk of a session", "PATCH {fresh}"],
  ["a last chunk", "PUT {session}?digest={blob}"],
  ["a blob in one PUT", "PUT {fresh}?digest={blob}"],
  ["a blob in one POST", "POST {repo}/blobs/uploads/?digest={blob}"],
  ["a manifest", "PUT {repo}/manifests/latest"],
];

const FRAMINGS = [
  { framing: "Content-Length", header: `Content-Length: ${ANNOUNCED_BYTES}`, prefix: "" },
  {
    framing: "chunked transfer encoding",
    header: "Transfer-Encoding: chunked",
    prefix: `${ANNOUNCED_BYTES.toString(16)}\r\n`,
  },
];

forEachBackend("a client that disconnects", (context) => {
  let repository: string;
  let session: string;
  let fresh: string;

  beforeEach(async () => {
    repository = context.newRepository();
    session = await startUpload(context.client, repository);
    fresh = await startUpload(context.client, repository);
    await context.client.patch(session, { body: FIRST });
  });

  const fill = (line: string) =>
    line
      .replace("{repo}", `/v2/${repository}`)
      .replace("{session}", session)
      .replace("{fresh}", fresh)
      .replace("{blob}", UNKNOWN_DIGEST);

  async function sendPart(line: string, header: string, prefix = ""): Promise<Socket> {
    const socket = context.client.connect();
    socket.on("error", () => undefined);
    socket.write(`${fill(line)} HTTP/1.1\r\nHost: registry\r\n${header}\r\n\r\n${prefix}`);
    await new Promise((resolve) => socket.write(REST, resolve));
    await sleep(20);
    return socket;
  }

  /** Stored items with bytes: a session may keep the empty file that was created for its first bytes. */
  const heldBytes = async () =>
    (await context.registry.listStored()).filter((item) => !item.endsWith(": 0 bytes"));

  async function expectResumable(): Promise<void> {
    for (const [location, range] of [
      [session, `0-${FIRST.length - 1}`],
      [fresh, "0-0"],
    ] as const) {
      const { status, headers } = await context.client.get(location);
      expect([status, headers.range]).toEqual([204, range]);
    }
    const headers = { "content-range": `${FIRST.length}-${FIRST.length + REST.length - 1}` };
    await expect
      .poll(async () => (await context.client.patch(session, { body: REST, headers })).status)
      .toBe(202);
    expect((await context.client.put(withQuery(session, `digest=${WHOLE}`))).status).toBe(201);
  }

  describe.each(CUT_OFF)("during %s", (_what, line) => {
    it.each(ENDS.flatMap((end) => FRAMINGS.map((framing) => ({ ...end, ...framing }))))(
      "and $how the connection, with $framing, leaves nothing behind and can resume",
      async ({ leave, header, prefix }) => {
        const before = { held: await heldBytes(), open: await openDescriptors() };
        leave(await sendPart(line, header, prefix));
        if (!context.isRemote) {
          await expect.poll(heldBytes).toEqual(before.held);
          await expect.poll(openDescriptors).toEqual(before.open);
        }
        const manifest = await context.client.get(`/v2/${repository}/manifests/latest`);
        expect(manifest.status).toBe(404);
        await expectResumable();
      },
    );
  });

  it("during a pull leaves no file and no connection open", async () => {
    const digest = await pushBlob(context.client, repository, Buffer.alloc(8 * 1024 * 1024));
    const before = await openDescriptors();
    for (const { leave } of ENDS) {
      const socket = context.client.connect();
      socket.on("error", () => undefined);
      socket.write(`GET /v2/${repository}/blobs/${digest} HTTP/1.1\r\nHost: registry\r\n\r\n`);
      await once(socket, "data");
      leave(socket);
    }
    if (!context.isRemote) await expect.poll(openDescriptors).toEqual(before);
  });

  it("before the response, along with many other clients, leaves no file and no connection open", async () => {
    const digest = await pushBlob(context.client, repository, Buffer.alloc(1024 * 1024));
    const before = await openDescriptors();
    const sockets = Array.from({ length: 100 }, () => context.client.connect());
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      const request = `GET /v2/${repository}/blobs/${digest} HTTP/1.1\r\nHost: registry\r\n\r\n`;
      socket.write(request, () => socket.destroy());
    }
    if (!context.isRemote) await expect.poll(openDescriptors, { timeout: 3000 }).toEqual(before);
  });

  describe("during a chunk and reconnects before the server has detected the disconnection", () => {
    /** Storage that stages each chunk separately accepts the new one, and discards the other one. */
    it.each(["PATCH", "PUT"])(
      "receives the session's offset in response to %s, or continues",
      async (method) => {
        const socket = await sendPart("PATCH {session}", `Content-Length: ${ANNOUNCED_BYTES}`);
        const target = withQuery(session, method === "PUT" ? `digest=${WHOLE}` : "");
        const response = await context.client.send(method, target, { body: REST });
        if (response.status < 300) {
          socket.destroy();
          if (method === "PUT") expect(response.status).toBe(201);
          else expect((await context.client.put(withQuery(session, `digest=${WHOLE}`))).status).toBe(201);
          return;
        }
        expect(failureOf(response)).toEqual([416, "BLOB_UPLOAD_INVALID"]);
        expect(response.headers.range).toBe(`0-${FIRST.length - 1}`);
        socket.destroy();
        await expectResumable();
      },
    );

    it("can close the session, or receives the session's offset", async () => {
      const socket = await sendPart("PATCH {session}", `Content-Length: ${ANNOUNCED_BYTES}`);
      const response = await context.client.put(withQuery(session, `digest=${digestOf(FIRST)}`));
      if (response.status !== 201) expect(failureOf(response)).toEqual([416, "BLOB_UPLOAD_INVALID"]);
      socket.destroy();
    });

    it("can cancel the session, which leaves nothing behind", async () => {
      const before = await context.registry.listStored();
      const other = await startUpload(context.client, repository);
      const socket = await sendPart(`PATCH ${other}`, `Content-Length: ${ANNOUNCED_BYTES}`);
      expect((await context.client.delete(other)).status).toBe(204);
      socket.destroy();
      await expect.poll(() => context.registry.listStored()).toEqual(before);
      expect((await context.client.get(other)).status).toBe(404);
    });
  });

  it("within the request headers does not block other clients", async () => {
    const sockets = Array.from({ length: 20 }, () => context.client.connect());
    for (const socket of sockets) socket.on("error", () => undefined).write("GET /v2/ HTTP/1.1\r\nHost:");
    expect((await context.client.get("/v2/")).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});
