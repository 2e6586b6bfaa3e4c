import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Chaos, NO_CHAOS } from "../../local-cloud/chaos.ts";
import { sendRequest } from "../../local-cloud/send-request.ts";
import { Stats } from "../../local-cloud/stats.ts";
import { WebEnvironment } from "../../local-cloud/web-function/environment.ts";
import {
  startWebFunction,
  type WebFunction,
  type WebFunctionOptions,
} from "../../local-cloud/web-function/server.ts";

/**
 * Server that returns the request; it responds to /early before it has read the body, to /slow after some time, to /stop on
 * SIGTERM, and to /waiting once there is a request to /stop. It ends only by SIGKILL.
 */
const CODE = `
const { createServer } = require("node:http");
const [host, port] = process.env.AWS_LAMBDA_HTTP_ENDPOINT.split(":");
process.on("SIGTERM", () => undefined);
const stopping = Promise.withResolvers();
createServer(async (request, response) => {
  const { method, url, headers } = request;
  if (url === "/early") return void response.writeHead(400).end("early");
  let size = 0;
  for await (const chunk of request) size += chunk.length;
  if (url === "/stop") {
    process.once("SIGTERM", () => response.end("stopped"));
    return stopping.resolve();
  }
  if (url === "/waiting") await stopping.promise;
  if (url === "/slow") await new Promise((resolve) => setTimeout(resolve, 1000));
  const received = JSON.stringify({ pid: process.pid, method, url, headers, size, env: Object.keys(process.env) });
  response.writeHead(200, { "content-length": method === "HEAD" ? 5e9 : received.length, "keep-alive": "x" });
  response.end(method === "HEAD" ? undefined : received);
}).listen(port, host);`;

const DOMAIN_NAME = "app.lambda-web.us-east-1.on.aws";

let task: string;
let stats: Stats;
let running: WebFunction | undefined;

beforeAll(async () => {
  task = await mkdtemp(join(tmpdir(), "dockless-web-"));
  await writeFile(join(task, "index.js"), CODE);
});
afterEach(() => running?.stop());
afterAll(() => rm(task, { recursive: true, force: true }));

async function start(options: Partial<WebFunctionOptions> = {}): Promise<number> {
  stats = new Stats();
  running = await startWebFunction({
    task,
    domainName: DOMAIN_NAME,
    variables: { GIVEN: "by the template" },
    log: new PassThrough().resume(),
    maxConcurrency: 16,
    maxEnvironments: 10,
    rateLimit: undefined,
    recycle: 60_000,
    timeout: 10,
    chaos: NO_CHAOS,
    stats: stats.of("web"),
    allStats: stats,
    reportProblem: () => undefined,
    ...options,
  });
  return running.port;
}

async function pidsOf(port: number, requests: number): Promise<ReadonlySet<number>> {
  const responses = await Promise.all(Array.from({ length: requests }, () => sendRequest(port, {})));
  return new Set(responses.map(({ body }) => JSON.parse(body).pid));
}

it("passes method, path, query, headers and body, but no hop-by-hop headers", async () => {
  const port = await start();
  const headers = { "x-one": "1", te: "trailers", authorization: "Basic x", "transfer-encoding": "chunked" };
  const { body } = await sendRequest(port, {
    method: "PATCH",
    path: "/a%3Ab?c=d",
    headers,
    body: Buffer.alloc(3_000_000),
  });
  const received = JSON.parse(body);
  expect(received).toMatchObject({ method: "PATCH", url: "/a%3Ab?c=d", size: 3_000_000 });
  expect(received.headers).toMatchObject({
    "x-one": "1",
    authorization: "Basic x",
    "transfer-encoding": "chunked",
  });
  expect(received.headers).not.toHaveProperty("te");
  expect(received.env).toContain("GIVEN");
  expect(received.env).not.toContain("HOME");
  expect(received.env).not.toContain("AWS_LAMBDA_FUNCTION_NAME");
});

it("sends the function's length for HEAD", async () => {
  const { headers } = await sendRequest(await start(), { method: "HEAD" });
  expect(headers).toMatchObject({ "content-length": "5000000000" });
  expect(headers["lambda-web-request-id"]).toBeDefined();
});

it.each([
  [DOMAIN_NAME, 200],
  ["other.lambda-web.us-east-1.on.aws", 404],
  [DOMAIN_NAME.toUpperCase(), 404],
  [`${DOMAIN_NAME}:443`, 404],
])(
  "accepts only the endpoint's hostname as Host, which the function receives: %s returns %d",
  async (host, status) => {
    const response = await sendRequest(await start(), { headers: { host } });
    expect(response.status).toBe(status);
    if (status === 200) expect(JSON.parse(response.body).headers).toMatchObject({ host });
  },
);

it("rejects Expect with 417", async () => {
  const headers = { expect: "100-continue" };
  const { status } = await sendRequest(await start(), { method: "PUT", headers, body: "x" });
  expect(status).toBe(417);
});

it("blocks a request until the time limit when the function responds before it has read the body", async () => {
  const port = await start({ timeout: 1 });
  const body = Buffer.alloc(30_000_000);
  const { status } = await sendRequest(port, { method: "PUT", path: "/early", body });
  expect(status).toBe(504);
  expect(stats.of("web")).toMatchObject({ early: 1, timeouts: 1 });
});

it("returns 504 when a request exceeds the time limit", async () => {
  const { status } = await sendRequest(await start({ timeout: 0.5 }), { path: "/slow" });
  expect(status).toBe(504);
});

it("distributes requests over several environments", async () => {
  expect((await pidsOf(await start(), 20)).size).toBe(2);
});

it("starts further environments at the concurrency limit", async () => {
  const port = await start({ maxConcurrency: 1, maxEnvironments: 3 });
  await pidsOf(port, 1);
  const slow = Array.from({ length: 4 }, () => sendRequest(port, { path: "/slow" }));
  const statuses = (await Promise.all(slow)).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, 200, 200, 429]);
});

it("rejects requests above the rate limit with 429, before they reach an environment", async () => {
  const port = await start({ rateLimit: 2, now: () => 0 });
  const statuses = [];
  for (let count = 0; count < 3; count++) statuses.push((await sendRequest(port, {})).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect(stats.of("web")).toMatchObject({ invocations: 2, throttled: 1 });
});

it("rejects all requests with a rate limit of zero", async () => {
  expect(await sendRequest(await start({ rateLimit: 0 }), {})).toMatchObject({ status: 429 });
});

it.each([
  [undefined, "127.0.0.1"],
  ["192.0.2.1, 192.0.2.2", "192.0.2.1, 192.0.2.2, 127.0.0.1"],
])("appends the connecting address to X-Forwarded-For: %j", async (sent, expected) => {
  const headers: Record<string, string> = sent === undefined ? {} : { "x-forwarded-for": sent };
  const { body } = await sendRequest(await start(), { headers });
  expect(JSON.parse(body).headers["x-forwarded-for"]).toBe(expected);
});

it("replaces environments without interrupting requests", async () => {
  const port = await start({ recycle: 100 });
  const pids = new Set<number>();
  for (let count = 0; count < 10; count++) {
    for (const pid of await pidsOf(port, 2)) pids.add(pid);
    await sleep(60);
  }
  expect(pids.size).toBeGreaterThan(2);
  expect(stats.of("web").failures).toBe(0);
});

describe("an environment that is shut down", () => {
  let environment: WebEnvironment;

  beforeEach(async () => {
    environment = await WebEnvironment.start({ task, variables: {}, log: new PassThrough().resume() });
  });
  afterEach(async () => {
    environment.kill();
    await environment.waitForExit();
  });

  it("receives SIGTERM, and can finish a request", async () => {
    const response = sendRequest(environment.port, { path: "/stop" });
    await sendRequest(environment.port, { path: "/waiting" });
    environment.shutDown();
    expect(await response).toMatchObject({ status: 200 });
  });

  it("is killed when it does not exit", async () => {
    environment.shutDown();
    expect(environment.isRetired).toBe(true);
    await environment.waitForExit();
    expect(environment.isAlive).toBe(false);
  });
});

it("interrupts an upload whose environment is shut down", async () => {
  const chaos = new Chaos(0, "seed");
  const port = await start({ chaos });
  chaos.cutUploads(1);
  const upload = { method: "PUT", body: Buffer.alloc(8_000_000) };
  expect(await sendRequest(port, { method: "PUT", body: Buffer.alloc(1000) })).toMatchObject({ status: 200 });
  expect(await sendRequest(port, upload)).toMatchObject({ status: 502 });
  expect(await sendRequest(port, upload)).toMatchObject({ status: 200 });
  expect(stats.of("web")).toMatchObject({ shutDown: 1, failures: 1 });
});

it("fails a request whose environment is killed", async () => {
  const port = await start({ chaos: new Chaos(1, "seed") });
  expect(await sendRequest(port, { path: "/slow" })).toMatchObject({ status: 502 });
  expect(stats.of("web")).toMatchObject({ killed: 1, failures: 1 });
});

it("returns 503 when the process does not start", async () => {
  const empty = await mkdtemp(join(tmpdir(), "dockless-web-"));
  await writeFile(join(empty, "index.js"), "throw new Error('broken')");
  expect(await sendRequest(await start({ task: empty }), {})).toMatchObject({ status: 503 });
  await rm(empty, { recursive: true });
});
