import { createServer, type RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createDynamoClient, type DynamoClient, DynamoError } from "../../lib/storage/dynamodb/client.ts";
import { type Listening, listen } from "../support/listen.ts";

const CREDENTIALS = { accessKeyId: "key", secretAccessKey: "secret", sessionToken: "session" };
const QUESTION = { TableName: "images", Key: { PK: { S: "p" }, SK: { S: "s" } }, ConsistentRead: true };

const started: { server: Listening; client: DynamoClient }[] = [];

afterEach(async () => {
  for (const { server, client } of started.splice(0)) {
    client.destroy();
    await server.stop();
  }
});

/** A client of a service that answers so. */
async function clientOf(answer: RequestListener): Promise<DynamoClient> {
  const server = await listen(createServer(answer));
  const place = async () => ({ region: "eu-central-1", endpoint: server.url });
  const client = createDynamoClient({ place, credentials: async () => CREDENTIALS });
  started.push({ server, client });
  return client;
}

function answering(status: number, body: string): RequestListener {
  return (_, outgoing) => void outgoing.writeHead(status).end(body);
}

/** What a call fails with. */
async function failure(client: DynamoClient): Promise<unknown> {
  return await client.call("GetItem", QUESTION).then(
    () => expect.fail("it has not failed"),
    (error: unknown) => error,
  );
}

describe("a call of DynamoDB", () => {
  it("says what it wants, signed, and gives what comes back", async () => {
    const seen: unknown[] = [];
    const client = await clientOf(async (incoming, outgoing) => {
      const chunks = await incoming.toArray();
      seen.push({ ...incoming.headers, method: incoming.method, url: incoming.url, body: chunks.join("") });
      outgoing.end('{"Item":{"a":{"S":"ä"}}}');
    });
    expect(await client.call("GetItem", QUESTION)).toEqual({ Item: { a: { S: "ä" } } });
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
        body: JSON.stringify(QUESTION),
      },
    ]);
  });

  it("uses the same connection again", async () => {
    const ports = new Set<unknown>();
    const client = await clientOf((incoming, outgoing) => {
      ports.add(incoming.socket.remotePort);
      outgoing.end("{}");
    });
    for (let i = 0; i < 3; i++) await client.call("GetItem", QUESTION);
    expect(ports.size).toBe(1);
  });

  it("fails with DynamoDB's own name for what is wrong", async () => {
    const body = {
      __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      message: "no table",
    };
    const error = await failure(await clientOf(answering(400, JSON.stringify(body))));
    expect(error).toBeInstanceOf(DynamoError);
    expect(error).toMatchObject({ name: "ResourceNotFoundException", message: "no table", status: 400 });
  });

  it("fails with the reasons for which a transaction was cancelled", async () => {
    const reasons = [{ Code: "None" }, { Code: "ConditionalCheckFailed", Message: "no" }];
    const body = { __type: "a#TransactionCanceledException", Message: "both", CancellationReasons: reasons };
    const error = await failure(await clientOf(answering(400, JSON.stringify(body))));
    expect(error).toMatchObject({ name: "TransactionCanceledException", message: "both", reasons });
  });

  it.each([
    ["a page of a load balancer", 502, "<html>Bad Gateway</html>"],
    ["nothing", 200, ""],
    ["half of an answer", 200, '{"Item":{"a"'],
    ["no object", 200, "null"],
    ["a refusal by somebody else", 403, "Forbidden"],
  ])("takes %s for a service that is not there", async (_, status, body) => {
    const error = await failure(await clientOf(answering(status, body)));
    expect(error).toMatchObject({ name: "ServiceUnavailable", status: expect.toSatisfy((it) => it >= 500) });
  });

  it("fails when the connection is cut, before an answer and within one", async () => {
    const before = await clientOf((incoming) => void incoming.socket.destroy());
    expect(await failure(before)).toMatchObject({ code: "ECONNRESET" });
    const within = await clientOf((incoming, outgoing) => {
      outgoing.writeHead(200, { "content-length": 100 }).write("{", () => incoming.socket.destroy());
    });
    expect(await failure(within)).toMatchObject({ code: "ECONNRESET" });
  });

  it("waits three seconds for an answer that does not come, or stops", async () => {
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
});
