import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../support/client.ts";
import { dockless } from "../../support/command.ts";
import { newFolder } from "../../support/folder.ts";
import { type RunningServer, startServer } from "../../support/server.ts";

const ABSENT = `sha256:${"0".repeat(64)}`;
const BODY = "0123456789";

let server: RunningServer;
let session = "";

beforeAll(async () => {
  server = await startServer();
  const client = new Client(server.url);
  session = (await client.post("/v2/a/blobs/uploads/")).headers.location ?? "";
  client.close();
});
afterAll(() => server.dispose());

/** Sends the head of a request, and its body once the server has sent 100 Continue. @returns the status lines, and the last head */
async function send({ url }: RunningServer, method: string, path: string, headers: readonly string[] = []) {
  const { hostname, port, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) }).setEncoding("latin1");
  const fields = [`Host: ${host}`, `Content-Length: ${BODY.length}`, "Expect: 100-continue", ...headers];
  socket.write(`${method} ${path} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`);
  let received = "";
  let isSent = false;
  try {
    while (true) {
      const heads = received.split("\r\n\r\n").slice(0, -1);
      const statuses = heads.map((head) => Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]));
      if (statuses[0] === 100 && !isSent) {
        socket.write(BODY);
        isSent = true;
      }
      const last = heads.at(-1) ?? "";
      if (heads.length > 0 && statuses.at(-1) !== 100) return { statuses, head: last.toLowerCase() };
      const [chunk] = await once(socket, "data", { signal: AbortSignal.timeout(5000) });
      received += chunk;
    }
  } finally {
    socket.destroy();
  }
}

describe("Expect: 100-continue", () => {
  it("receives 100 Continue when the body is read, and the connection stays open", async () => {
    const { statuses, head } = await send(server, "PATCH", session);
    expect(statuses).toEqual([100, 202]);
    expect(head).toContain("connection: keep-alive");
  });

  it.each<[number, string, string, string, readonly string[]]>([
    [404, "an unknown session", "PATCH", "/v2/a/blobs/uploads/none", []],
    [404, "the last chunk of an unknown session", "PUT", `/v2/a/blobs/uploads/none?digest=${ABSENT}`, []],
    [400, "an invalid digest", "PUT", "SESSION?digest=sha256:1", []],
    [400, "a missing digest", "PUT", "SESSION", []],
    [400, "an invalid digest of a single POST", "POST", "/v2/a/blobs/uploads/?digest=x", []],
    [416, "a chunk out of order", "PATCH", "SESSION", ["Content-Range: 90-99"]],
    [400, "an invalid name", "POST", `/v2/A/blobs/uploads/?digest=${ABSENT}`, []],
    [400, "an invalid reference", "PUT", "/v2/a/manifests/-", []],
    [400, "an invalid precondition", "PUT", "/v2/a/manifests/latest", ["If-Match: a"]],
    [405, "another method", "PUT", "/v2/a/tags/list", []],
    [404, "another path", "PUT", "/a", []],
  ])("is answered with %i before the body for %s", async (status, _, method, path, headers) => {
    const { statuses, head } = await send(server, method, path.replace("SESSION", session), headers);
    expect(statuses).toEqual([status]);
    expect(head).toContain("connection: close");
  });

  it("is ignored in an HTTP/1.0 request", async () => {
    const client = new Client(server.url);
    const head = `PUT /v2/a/manifests/latest HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: ${BODY.length}\r\n\r\n`;
    expect(await client.exchange(`${head}${BODY}`)).toMatch(/^HTTP\/1\.1 400 (?!.*100 Continue)/s);
    client.close();
  });

  it("receives 401 before the body when credentials are missing", async () => {
    const folder = await newFolder();
    await dockless(["init", "--data", folder.path]);
    await dockless(["user", "add", "alice", "--data", folder.path]);
    const closed = await startServer({ data: folder.path });
    try {
      for (const [method, path] of [
        ["PATCH", "/v2/a/blobs/uploads/none"],
        ["PUT", "/v2/a/manifests/latest"],
        ["POST", `/v2/a/blobs/uploads/?digest=${ABSENT}`],
      ] as const)
        expect((await send(closed, method, path)).statuses).toEqual([401]);
    } finally {
      await closed.stop();
      await folder.remove();
    }
  });
});
