import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import type { App } from "../../../lib/http/message.ts";
import { createNodeServer } from "../../../lib/http/server/node.ts";
import { Client } from "../../support/client.ts";

/** What the Node server must do however the application behaves. */

const running: (() => Promise<void>)[] = [];

async function serve(app: App): Promise<Client> {
  const server = createNodeServer(app).listen(0, "127.0.0.1");
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
  for (const stop of running.splice(0)) await stop();
});

it("frees a body that was opened for a client that has gone", async () => {
  const body = Readable.from([Buffer.alloc(10)]);
  const asked = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  const client = await serve(async () => {
    asked.resolve();
    await mayAnswer.promise;
    return { status: 200, headers: { "content-length": "10" }, body };
  });
  const socket = client.connect();
  socket.on("error", () => undefined);
  socket.write("GET / HTTP/1.1\r\nHost: registry\r\n\r\n");
  await asked.promise;
  socket.resetAndDestroy();
  // The server learns of it on a connection of its own, so one more request shows that it had the time.
  await once(socket, "close");
  await sleep(50);
  mayAnswer.resolve();
  await expect.poll(() => body.destroyed).toBe(true);
});

it("does not answer a broken request in the place of the one before, which is still being answered", async () => {
  const asked = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  const client = await serve(async () => {
    asked.resolve();
    await mayAnswer.promise;
    return { status: 200, headers: { "content-length": "0" } };
  });
  const exchanged = client.exchange("GET / HTTP/1.1\r\nHost: registry\r\n\r\nnonsense\r\n\r\n");
  await asked.promise;
  await sleep(20);
  mayAnswer.resolve();
  expect(await exchanged).toMatch(/^(HTTP\/1\.1 200 |$)/);
});

it("closes the connection when a body fails midway, so that the client does not take a part for the whole", async () => {
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

it("hands on paths, queries and header names as the application is promised them", async () => {
  const client = await serve(async ({ method, path, query, headers, body }) => ({
    status: 200,
    headers: {},
    body: JSON.stringify({ method, path, query, test: headers["x-test"], hasBody: body !== undefined }),
  }));
  const ask = async (path: string, body?: string) =>
    JSON.parse(
      (
        await client.send("PUT", path, {
          headers: { "X-Test": "1" },
          ...(body === undefined ? {} : { body }),
        })
      ).body.toString(),
    );
  expect(await ask("/a%2Fb/../c?d=%20&e?f")).toEqual({
    method: "PUT",
    path: "/a%2Fb/../c",
    query: "d=%20&e?f",
    test: "1",
    hasBody: false,
  });
  expect((await ask("/", "")).hasBody).toBe(false);
  expect((await ask("/", "x")).hasBody).toBe(true);
});

it.each([
  ["before its request has arrived", "POST / HTTP/1.1\r\nHost: registry\r\nContent-Length: 1\r\n\r\nx"],
  ["to a request without a body", "GET / HTTP/1.1\r\nHost: registry\r\n\r\n"],
])("closes the connection after an answer %s that is shorter than its Content-Length", async (_, request) => {
  const client = await serve(async () => {
    return { status: 200, headers: { "content-length": "10" }, body: Readable.from([Buffer.from("short")]) };
  });
  const next = "GET / HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n";
  const received = await receivedFrom(client, `${request}${next}`);
  expect(received).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nshort$/s);
  expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

/** Sends bytes on a connection of their own. @returns all that arrives until it is closed, by an error as well */
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
