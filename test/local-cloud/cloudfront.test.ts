import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EdgeFunction, EdgeFunctionError } from "../../local-cloud/cloudfront/edge-function.ts";
import { startCloudFront } from "../../local-cloud/cloudfront/server.ts";
import { type ReceivedResponse, type SentRequest, sendRequest } from "../../local-cloud/send-request.ts";
import { Stats } from "../../local-cloud/stats.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";

const ALL = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"];

/** CloudFront Function that reads an action from the header x-do, and sends its event to the origin in x-event. */
const EDGE = `import cf from "cloudfront";
const HEADERS = { forbidden: "x-edge-mine", host: "host", upper: "X-Upper", fine: "x-fine" };
async function handler(event) {
  const { request } = event;
  const action = request.headers["x-do"] ? request.headers["x-do"].value : "";
  if (HEADERS[action]) request.headers[HEADERS[action]] = { value: "by the function" };
  if (action === "eval") eval("1");
  if (action === "node") process.exit(1);
  if (action === "fetch") await fetch("http://127.0.0.1/");
  if (action === "timer") setTimeout(() => 0, 1);
  if (action === "throw") throw new Error("thrown by the function");
  if (action === "loop") for (;;);
  if (action === "method") request.method = "PUT";
  if (action === "nothing") return null;
  if (action === "query") request.querystring = { a: { value: "1", multiValue: [{ value: "1" }, { value: "2" }] } };
  if (action === "origin") cf.selectRequestOriginById("none");
  request.headers["x-event"] = { value: JSON.stringify({ uri: request.uri, querystring: request.querystring }) };
  cf.selectRequestOriginById(request.method === "PATCH" ? "other" : "main");
  return request;
}`;

const stats = new Stats();
const servers: ListeningServer[] = [];
let front: ListeningServer;

beforeAll(async () => {
  const origins = [await startOrigin("main"), await startOrigin("other"), await startOrigin("silent", 0.5)];
  const behaviour = { originId: "main", methods: ALL, droppedHeaders: ["host", "expect"] };
  front = await startCloudFront({
    origins,
    errorCaching: new Map([[503, 0]]),
    behaviours: [
      { ...behaviour, pattern: "/expect/*", viewerRequest: undefined, droppedHeaders: ["host"] },
      { ...behaviour, pattern: "/plain/silent", viewerRequest: undefined, originId: "silent" },
      { ...behaviour, pattern: "/plain/*", viewerRequest: undefined, methods: ["GET", "HEAD"] },
      { ...behaviour, pattern: "/other/*.x", viewerRequest: undefined, originId: "other" },
      { ...behaviour, pattern: undefined, viewerRequest: new EdgeFunction(EDGE, ["main", "other"]) },
    ],
    stats,
    reportProblem: () => undefined,
  });
  servers.push(front);
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Starts an origin that returns the request as JSON. HEAD gets a fixed length, and /plain/silent no response. */
async function startOrigin(id: string, readTimeout = 30) {
  const server = createServer(async (incoming, outgoing) => {
    const body = await text(incoming);
    if (incoming.url === "/plain/silent") return;
    if (incoming.url === "/plain/refused") outgoing.statusCode = 401;
    outgoing.statusCode = Number(incoming.headers["x-status"] ?? outgoing.statusCode);
    const received = JSON.stringify({ id, url: incoming.url, headers: incoming.headers, body });
    outgoing.setHeader("www-authenticate", "Bearer");
    if (incoming.method === "HEAD") outgoing.setHeader("content-length", 1234);
    outgoing.end(incoming.method === "HEAD" ? undefined : received);
  });
  const listening = await listen(server);
  servers.push(listening);
  return {
    id,
    domainName: `${id}.example`,
    port: listening.port,
    readTimeout,
    headers: [["x-origin", id]] as const,
  };
}

async function send(request: SentRequest): Promise<ReceivedResponse> {
  return await sendRequest(front.port, request);
}

async function sendToOrigin(
  request: SentRequest,
): Promise<{ id: string; url: string; headers: IncomingMessage["headers"]; body: string }> {
  const { status, body } = await send(request);
  expect(status).toBe(200);
  return JSON.parse(body);
}

describe("CloudFront rejects", () => {
  it.each<[string, number, SentRequest]>([
    ["a URL longer than 8,192 bytes", 413, { path: `/plain/${"a".repeat(8192)}` }],
    ["headers larger than 20,480 bytes", 413, { headers: { a: "a".repeat(20_480) } }],
    ["a GET with a body", 403, { headers: { "content-length": "1" }, body: "x" }],
    ["a method that the behaviour does not allow", 403, { method: "PUT", path: "/plain/a" }],
    ["a request whose origin exceeds its read timeout", 504, { path: "/plain/silent" }],
  ])("%s, with %d", async (_, status, request) => {
    expect((await send(request)).status).toBe(status);
  });
});

describe("an origin receives", () => {
  it("the viewer's headers, except Host and Expect", async () => {
    const headers = {
      Host: "registry.example",
      "X-One": "1",
      Authorization: "Basic x",
      Expect: "100-continue",
    };
    const received = await sendToOrigin({ path: "/plain/a%3Ab?c=%20", headers });
    expect(received).toMatchObject({ id: "main", url: "/plain/a%3Ab?c=%20" });
    const expected = { host: "main.example", "x-one": "1", authorization: "Basic x", "x-origin": "main" };
    expect(received.headers).toMatchObject({ ...expected, "x-forwarded-for": "127.0.0.1" });
    expect(received.headers["x-amz-cf-id"]).toBeDefined();
    expect(received.headers).not.toHaveProperty("expect");
  });

  it("the distribution's value of a custom header, regardless of the viewer's value", async () => {
    const received = await sendToOrigin({ path: "/plain/a", headers: { "X-Origin": "of the viewer" } });
    expect(received.headers["x-origin"]).toBe("main");
  });

  it("a body with its Content-Length or Transfer-Encoding", async () => {
    const chunked = { method: "PATCH", path: "/a", headers: { "transfer-encoding": "chunked" }, body: "abc" };
    const received = await sendToOrigin(chunked);
    expect(received).toMatchObject({ id: "other", body: "abc", headers: { "transfer-encoding": "chunked" } });
    const sized = await sendToOrigin({
      method: "PUT",
      path: "/a",
      headers: { "content-length": "3" },
      body: "abc",
    });
    expect(sized).toMatchObject({ body: "abc", headers: { "content-length": "3" } });
  });

  it("the requests whose first matching cache behaviour names that origin", async () => {
    expect(await sendToOrigin({ path: "/other/a/b.x" })).toMatchObject({ id: "other" });
    expect(await sendToOrigin({ path: "/other/a/b.y" })).toMatchObject({ id: "main" });
  });
});

describe("a viewer receives", () => {
  it("the origin's Content-Length for HEAD, and its status and challenge", async () => {
    expect((await send({ method: "HEAD", path: "/plain/head" })).headers["content-length"]).toBe("1234");
    const refused = await send({ path: "/plain/refused" });
    expect(refused).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
  });
});

describe("an error response", () => {
  const statusOf = async (path: string, status: number, method = "GET") =>
    (await send({ method, path, headers: { "x-status": String(status) } })).status;

  it.each([404, 414, 500, 502, 504])(
    "with status %d is cached for GET and HEAD of the same path",
    async (status) => {
      const path = `/plain/cached/${status}`;
      expect(await statusOf(path, status, "HEAD")).toBe(status);
      expect(await statusOf(`${path}?n=1`, 200)).toBe(status);
      expect(await statusOf(path, 200, "HEAD")).toBe(status);
      expect(await statusOf(`${path}/other`, 200)).toBe(200);
    },
  );

  it.each([401, 403, 405, 416, 429])("with status %d is not cached", async (status) => {
    const path = `/plain/uncached/${status}`;
    expect(await statusOf(path, status)).toBe(status);
    expect(await statusOf(path, 200)).toBe(200);
  });

  it("is not cached when the distribution sets the minimum TTL for errors to zero", async () => {
    expect(await statusOf("/plain/zero", 503)).toBe(503);
    expect(await statusOf("/plain/zero", 200)).toBe(200);
  });

  it("to a write request is not cached", async () => {
    expect(await statusOf("/written", 404, "PUT")).toBe(404);
    expect(await statusOf("/written", 200)).toBe(200);
  });
});

describe("an Expect header", () => {
  it("reaches the origin if the origin request policy forwards it", async () => {
    const { headers } = await sendToOrigin({ path: "/expect/a", headers: { Expect: "100-continue" } });
    expect(headers["expect"]).toBe("100-continue");
  });
});

describe("a CloudFront Function", () => {
  it("receives the path and the query undecoded", async () => {
    const { headers, url } = await sendToOrigin({ path: "/a%3Ab?c=1&c=2&d=%20&e" });
    expect(url).toBe("/a%3Ab?c=1&c=2&d=%20&e");
    expect(JSON.parse(String(headers["x-event"]))).toEqual({
      uri: "/a%3Ab",
      querystring: {
        c: { value: "2", multiValue: [{ value: "1" }, { value: "2" }] },
        d: { value: "%20" },
        e: { value: "" },
      },
    });
  });

  it("can add headers and change the query", async () => {
    expect((await sendToOrigin({ headers: { "x-do": "fine" } })).headers["x-fine"]).toBe("by the function");
    expect((await sendToOrigin({ headers: { "x-do": "query" } })).url).toBe("/?a=1&a=2");
  });

  it.each([
    ["forbidden", 502],
    ["host", 502],
    ["upper", 502],
    ["method", 502],
    ["nothing", 502],
    ["eval", 503],
    ["node", 503],
    ["fetch", 503],
    ["timer", 503],
    ["throw", 503],
    ["origin", 503],
  ])("that violates a restriction (%s) fails the request with %d", async (action, status) => {
    expect((await send({ headers: { "x-do": action } })).status).toBe(status);
  });

  it("is stopped when it does not return", () => {
    const request = { headers: { "x-do": { value: "loop" } } };
    expect(() => new EdgeFunction(EDGE, ["main"], 100).run({ request })).toThrow(EdgeFunctionError);
  });

  it.each([
    ["of more than 10 KB", `${EDGE}//${"x".repeat(10_240)}`],
    ["that imports another module", `import fs from "fs";\n${EDGE}`],
    ["that exports something", `export ${EDGE.slice(EDGE.indexOf("async"))}`],
  ])("%s is rejected", (_, code) => {
    expect(() => new EdgeFunction(code, [])).toThrow();
  });
});
