import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it, vi } from "vitest";
import type { App } from "../../../lib/http/message.ts";
import { createNodeServer } from "../../../lib/http/server/node.ts";
import { Client } from "../../support/client.ts";

// Behaviour of the Node server that does not depend on the application.

const running: (() => Promise<void>)[] = [];

async function serve(app: App, observe: (server: Server) => void = () => undefined): Promise<Client> {
  const server = createNodeServer(app).listen(0, "127.0.0.1");
  observe(server);
  await once(server, "listening");
  const client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  running.push(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return client;
}

afterEach(async () => {
  vi.useRealTimers();
  for (const stop of running.splice(0)) await stop();
});

it("releases a body that was opened for a client that has disconnected", async () => {
  const body = Readable.from([Buffer.alloc(10)]);
  const requested = Promise.withResolvers<void>();
  const mayRespond = Promise.withResolvers<void>();
  const client = await serve(async () => {
    requested.resolve();
    await mayRespond.promise;
    return { status: 200, headers: { "content-length": "10" }, body };
  });
  const socket = client.connect();
  socket.on("error", () => undefined);
  socket.write("GET / HTTP/1.1\r\nHost: registry\r\n\r\n");
  await requested.promise;
  socket.resetAndDestroy();
  // Gives the server time to detect the reset.
  await once(socket, "close");
  await sleep(50);
  mayRespond.resolve();
  await expect.poll(() => body.destroyed).toBe(true);
});

it("rejects a malformed request only after the response to the preceding request", async () => {
  const requested = Promise.withResolvers<void>();
  const mayRespond = Promise.withResolvers<void>();
  const client = await serve(async () => {
    requested.resolve();
    await mayRespond.promise;
    return { status: 200, headers: { "content-length": "0" } };
  });
  const exchanged = client.exchange("GET / HTTP/1.1\r\nHost: registry\r\n\r\nnonsense\r\n\r\n");
  await requested.promise;
  await sleep(20);
  mayRespond.resolve();
  expect(statusesIn(await exchanged)).toEqual(["200", "400"]);
});

it("serves each complete request, but not a request with a malformed body", async () => {
  const served: string[] = [];
  const client = await serve(async ({ path }) => {
    served.push(path);
    return { status: 200, headers: { "content-length": "0" } };
  });
  const exchanged = await client.exchange(
    "GET /1 HTTP/1.1\r\nHost: registry\r\n\r\nGET /2 HTTP/1.1\r\nHost: registry\r\n\r\n" +
      "POST /3 HTTP/1.1\r\nHost: registry\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n\r\n",
  );
  expect(statusesIn(exchanged)).toEqual(["200", "200", "400"]);
  expect(served).toEqual(["/1", "/2"]);
});

it("closes a malformed connection that the client leaves open", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const accepted = Promise.withResolvers<Socket>();
  const client = await serve(
    async () => ({ status: 200, headers: {} }),
    (server) => server.on("connection", accepted.resolve),
  );
  const socket = connect({ host: "127.0.0.1", port: Number(client.url.port), allowHalfOpen: true });
  socket.write("nonsense\r\n\r\n");
  const [rejection] = await once(socket.setEncoding("latin1"), "data");
  expect(rejection).toMatch(/^HTTP\/1\.1 400 /);
  const closed = once(await accepted.promise, "close");
  vi.advanceTimersByTime(10_000);
  await closed;
  socket.destroy();
});

it.each([
  { waiting: 100, responses: 100 },
  { waiting: 101, responses: 0 },
])(
  "sends $responses responses when $waiting requests are queued on a connection",
  async ({ waiting, responses }) => {
    const mayRespond = Promise.withResolvers<void>();
    let received = 0;
    const app: App = async () => {
      await mayRespond.promise;
      return { status: 200, headers: { "content-length": "0" } };
    };
    const client = await serve(app, (server) => {
      server.on("request", () => {
        received += 1;
        if (received === 100 && responses === 100) mayRespond.resolve();
      });
    });
    const last = "GET / HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n";
    const exchanged = await client.exchange(
      "GET / HTTP/1.1\r\nHost: registry\r\n\r\n".repeat(waiting - 1) + last,
    );
    expect(statusesIn(exchanged)).toHaveLength(responses);
    mayRespond.resolve();
  },
);

it("closes the connection and releases the body when the headers of a response are invalid", async () => {
  const body = Readable.from([Buffer.alloc(10)]);
  const client = await serve(async () => ({ status: 200, headers: { "x-line": "a\nb" }, body }));
  await expect(client.get("/")).rejects.toThrow("socket hang up");
  expect(body.destroyed).toBe(true);
});

it("closes the connection when a body fails midway, so that the client detects it", async () => {
  async function* failing() {
    yield Buffer.alloc(1000);
    throw new Error("storage failed");
  }
  const client = await serve(async () => ({
    status: 200,
    headers: { "content-length": "2000" },
    body: failing(),
  }));
  await expect(client.get("/")).rejects.toThrow();
});

it("passes paths, queries and header names in the format that the application expects", async () => {
  const client = await serve(async ({ method, path, query, headers, body }) => ({
    status: 200,
    headers: {},
    body: JSON.stringify({ method, path, query, test: headers["x-test"], hasBody: body !== undefined }),
  }));
  const send = async (path: string, body?: string) =>
    JSON.parse(
      (
        await client.send("PUT", path, {
          headers: { "X-Test": "1" },
          ...(body === undefined ? {} : { body }),
        })
      ).body.toString(),
    );
  expect(await send("/a%2Fb/../c?d=%20&e?f")).toEqual({
    method: "PUT",
    path: "/a%2Fb/../c",
    query: "d=%20&e?f",
    test: "1",
    hasBody: false,
  });
  expect((await send("/", "")).hasBody).toBe(false);
  expect((await send("/", "x")).hasBody).toBe(true);
});

it.each([
  ["before its request was complete", "POST / HTTP/1.1\r\nHost: registry\r\nContent-Length: 1\r\n\r\nx"],
  ["to a request without a body", "GET / HTTP/1.1\r\nHost: registry\r\n\r\n"],
])(
  "closes the connection after a response %s that is shorter than its Content-Length",
  async (_, request) => {
    const client = await serve(async () => {
      return {
        status: 200,
        headers: { "content-length": "10" },
        body: Readable.from([Buffer.from("short")]),
      };
    });
    const next = "GET / HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n";
    const received = await receivedFrom(client, `${request}${next}`);
    expect(received).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nshort$/s);
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
  },
);

/** Sends bytes on a new connection. @returns the bytes received until it is closed, even by an error */
async function receivedFrom(client: Client, bytes: string): Promise<string> {
  const socket = client.connect().setEncoding("latin1");
  let received = "";
  socket.on("data", (text) => {
    received += text;
  });
  socket.on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  return received;
}

function statusesIn(exchanged: string): readonly (string | undefined)[] {
  return [...exchanged.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
}

it("returns 408 when the headers do not arrive in time", async () => {
  let accepted: Socket | undefined;
  let server: Server | undefined;
  const client = await serve(
    async () => ({ status: 200, headers: {} }),
    (created) => {
      server = created;
      created.once("connection", (socket) => {
        accepted = socket;
      });
    },
  );
  const socket = connect(Number(client.url.port), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n");
  await vi.waitFor(() => expect(accepted?.bytesRead).toBeGreaterThan(0));
  // Node checks every 30 seconds which connections have exceeded their time, and emits this event.
  const code = "ERR_HTTP_REQUEST_TIMEOUT";
  server?.emit("clientError", Object.assign(new Error("Request timeout"), { code }), accepted);
  const received = await text(socket);
  expect(received).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(received).toContain("request headers incomplete");
});
