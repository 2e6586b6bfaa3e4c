import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { createDynamoClient, type DynamoClient, DynamoError } from "../../lib/storage/dynamodb/client.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";

const CREDENTIALS = { accessKeyId: "key", secretAccessKey: "secret", sessionToken: "session" };
const REQUEST = { TableName: "images", Key: { PK: { S: "p" }, SK: { S: "s" } }, ConsistentRead: true };

const started: { server: ListeningServer; client: DynamoClient }[] = [];

afterEach(async () => {
  for (const { server, client } of started.splice(0)) {
    client.destroy();
    await server.stop();
  }
});

/** Creates a client of a server with this request listener. */
async function clientOf(response: RequestListener): Promise<DynamoClient> {
  const server = await listen(createServer(response));
  const client = clientAt(server.url);
  started.push({ server, client });
  return client;
}

function clientAt(endpoint: string): DynamoClient {
  const place = async () => ({ region: "eu-central-1", endpoint });
  return createDynamoClient({ location: place, credentials: async () => CREDENTIALS });
}

/** Program that listens but accepts no connection: beyond its backlog, the system keeps further connections waiting. */
const DEAF_SERVER = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:net").createServer().listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000));
  });
`;

function respondingWith(status: number, body: string): RequestListener {
  return (_, outgoing) => void outgoing.writeHead(status).end(body);
}

/** Returns the error of a failing call. */
async function failure(client: DynamoClient): Promise<unknown> {
  return await client.call("GetItem", REQUEST).then(
    () => expect.fail("the call did not fail"),
    (error: unknown) => error,
  );
}

describe("a call to DynamoDB", () => {
  it("sends a signed request, and returns the response", async () => {
    const seen: unknown[] = [];
    const client = await clientOf(async (incoming, outgoing) => {
      const chunks = await incoming.toArray();
      seen.push({ ...incoming.headers, method: incoming.method, url: incoming.url, body: chunks.join("") });
      outgoing.end('{"Item":{"a":{"S":"ä"}}}');
    });
    expect(await client.call("GetItem", REQUEST)).toEqual({ Item: { a: { S: "ä" } } });
    expect(seen).toMatchObject([
      {
        method: "POST",
        url: "/",
        "x-amz-target": "DynamoDB_20120810.GetItem",
        "x-amz-security-token": "session",
        "content-type": "application/x-amz-json-1.0",
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-central-1\/dynamodb\//,
        ),
        body: JSON.stringify(REQUEST),
      },
    ]);
  });

  it("reuses the connection", async () => {
    const ports = new Set<unknown>();
    const client = await clientOf((incoming, outgoing) => {
      ports.add(incoming.socket.remotePort);
      outgoing.end("{}");
    });
    for (let i = 0; i < 3; i++) await client.call("GetItem", REQUEST);
    expect(ports.size).toBe(1);
  });

  it("fails with DynamoDB's error name", async () => {
    const body = {
      __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      message: "no table",
    };
    const error = await failure(await clientOf(respondingWith(400, JSON.stringify(body))));
    expect(error).toBeInstanceOf(DynamoError);
    expect(error).toMatchObject({ name: "ResourceNotFoundException", message: "no table", status: 400 });
  });

  it("fails with the cancellation reasons of a transaction", async () => {
    const reasons = [{ Code: "None" }, { Code: "ConditionalCheckFailed", Message: "no" }];
    const body = { __type: "a#TransactionCanceledException", Message: "both", CancellationReasons: reasons };
    const error = await failure(await clientOf(respondingWith(400, JSON.stringify(body))));
    expect(error).toMatchObject({ name: "TransactionCanceledException", message: "both", reasons });
  });

  it.each([
    ["ExpiredTokenException", 1],
    ["AccessDeniedException", 0],
  ])("reports expired credentials and no other error: %s", async (name, reports) => {
    const server = await listen(createServer(respondingWith(400, JSON.stringify({ __type: `a#${name}` }))));
    let reported = 0;
    const client = createDynamoClient({
      location: async () => ({ region: "eu-central-1", endpoint: server.url }),
      credentials: async () => CREDENTIALS,
      onExpiredCredentials: () => reported++,
    });
    started.push({ server, client });
    expect(await failure(client)).toMatchObject({ name });
    expect(reported).toBe(reports);
  });

  it.each([
    ["an HTML page of a load balancer", 502, "<html>Bad Gateway</html>"],
    ["an empty body", 200, ""],
    ["truncated JSON", 200, '{"Item":{"a"'],
    ["JSON without an object", 200, "null"],
    ["an error of an intermediary", 403, "Forbidden"],
  ])("treats %s as an unavailable service", async (_, status, body) => {
    const error = await failure(await clientOf(respondingWith(status, body)));
    expect(error).toMatchObject({ name: "ServiceUnavailable", status: expect.toSatisfy((it) => it >= 500) });
  });

  it("fails when the connection is closed before or during a response", async () => {
    const before = await clientOf((incoming) => void incoming.socket.destroy());
    expect(await failure(before)).toMatchObject({ code: "ECONNRESET" });
    const within = await clientOf((incoming, outgoing) => {
      outgoing.writeHead(200, { "content-length": 100 }).write("{", () => incoming.socket.destroy());
    });
    expect(await failure(within)).toMatchObject({ code: "ECONNRESET" });
  });

  it("times out after three seconds without data, before or during a response", async () => {
    const begun = performance.now();
    const silent = await clientOf(() => undefined);
    const stopping = await clientOf((_, outgoing) => {
      outgoing.writeHead(200, { "content-length": 100 }).write("{");
    });
    const errors = await Promise.all([failure(silent), failure(stopping)]);
    expect(errors).toMatchObject([{ name: "TimeoutError" }, { name: "TimeoutError" }]);
    const waited = performance.now() - begun;
    expect(waited).toBeGreaterThan(2900);
    expect(waited).toBeLessThan(6000);
  });

  it("times out after three seconds without a connection", async () => {
    const deaf = new Worker(DEAF_SERVER, { eval: true });
    const [port] = await once(deaf, "message");
    const others = Array.from({ length: 8 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
    const client = clientAt(`http://127.0.0.1:${port}`);
    const begun = performance.now();
    expect(await failure(client)).toMatchObject({ name: "TimeoutError" });
    const waited = performance.now() - begun;
    expect(waited).toBeGreaterThan(2900);
    expect(waited).toBeLessThan(6000);
    client.destroy();
    for (const other of others) other.destroy();
    await deaf.terminate();
  });

  it("opens a new connection when an idle connection is dead, and closes all other idle connections", async () => {
    const used = new Set<unknown>();
    const client = await clientOf((incoming, outgoing) => {
      const { socket } = incoming;
      if (used.has(socket)) return void socket.resetAndDestroy();
      used.add(socket);
      setTimeout(() => outgoing.end("{}"), 50);
    });
    await Promise.all(Array.from({ length: 5 }, () => client.call("GetItem", REQUEST)));
    expect(used.size).toBe(5);
    expect(await failure(client)).toMatchObject({ code: "ECONNRESET" });
    expect(await client.call("GetItem", REQUEST)).toEqual({});
  });

  it("connects to an IPv6 address", async () => {
    const server = createServer((_, outgoing) => outgoing.end("{}")).listen(0, "::1");
    await once(server, "listening");
    const address = server.address();
    const client = clientAt(`http://[::1]:${typeof address === "object" ? address?.port : ""}`);
    expect(await client.call("GetItem", REQUEST)).toEqual({});
    client.destroy();
    server.closeAllConnections();
    server.close();
  });

  it("resolves the endpoint again after a failure", async () => {
    const server = await listen(createServer((_, outgoing) => outgoing.end("{}")));
    let attempts = 0;
    const place = async () => {
      if (attempts++ === 0) throw new Error("no network yet");
      return { region: "eu-central-1", endpoint: server.url };
    };
    const client = createDynamoClient({ location: place, credentials: async () => CREDENTIALS });
    started.push({ server, client });
    await expect(client.call("GetItem", REQUEST)).rejects.toThrow("no network yet");
    for (let i = 0; i < 2; i++) expect(await client.call("GetItem", REQUEST)).toEqual({});
    expect(attempts).toBe(2);
  });

  it.each([undefined, null, "text"])(
    "ignores cancellation reasons that are not a list: %j",
    async (reasons) => {
      const body = { __type: "a#TransactionCanceledException", CancellationReasons: reasons };
      const error = await failure(await clientOf(respondingWith(400, JSON.stringify(body))));
      expect(error).toMatchObject({ name: "TransactionCanceledException", reasons: [] });
    },
  );
});
