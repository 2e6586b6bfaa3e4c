import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildBundle, STREAM_BUNDLE } from "../../lib/cloud/compute/bundle.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";
import { freePort } from "../../local-cloud/support/processes.ts";

const SECRET = { "x-dockless-origin-secret": "a-secret" };

/** DynamoDB server to whose calls the tests respond. */
const dynamodb = createServer((_, outgoing) => calls.emit("call", outgoing));
const calls = new EventEmitter<{ call: [ServerResponse] }>();

function rejectCall(outgoing: ServerResponse, type: string): void {
  outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
  outgoing.end(JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message: "rejected" }));
}

describe("the bundle of the web function", () => {
  let folder = "";
  let stubbed: ListeningServer | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dockless-stream-"));
    buildBundle(STREAM_BUNDLE, folder);
    await writeFile(join(folder, "package.json"), "{}");
    stubbed = await listen(dynamodb);
  });

  afterEach(() => calls.removeAllListeners());

  afterAll(async () => {
    await stubbed?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("returns 503 and exits when its credentials have expired, so that Lambda restarts it with new credentials", async () => {
    calls.on("call", (outgoing) => rejectCall(outgoing, "ExpiredTokenException"));
    const { url, child } = await start();
    const log = child.stdout.toArray();
    const exited = once(child, "exit");
    try {
      expect((await whenListening(`${url}/v2/`)).status).toBe(403);
      const response = await fetch(`${url}/v2/acme/manifests/latest`, { headers: SECRET });
      expect(response.status).toBe(503);
      expect(await exited).toEqual([1, null]);
      expect((await log).join("")).toContain("AWS credentials expired");
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("completes the requests in flight after SIGTERM, and then exits", async () => {
    const { url, child } = await start();
    child.stdout.resume();
    const exited = once(child, "exit");
    try {
      await whenListening(url);
      const pending: ServerResponse[] = [];
      calls.on("call", (outgoing) => pending.push(outgoing));
      const called = once(calls, "call");
      const response = fetch(`${url}/v2/acme/manifests/latest`, {
        headers: { ...SECRET, connection: "close" },
      });
      await called;
      child.kill("SIGTERM");
      await whenClosed(url);
      calls.on("call", (outgoing) => rejectCall(outgoing, "AccessDeniedException"));
      for (const outgoing of pending) rejectCall(outgoing, "AccessDeniedException");
      expect((await response).status).toBe(500);
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it.each([
    ["reported by the edge", { "x-dockless-client": "2001:db8::7" }, "2001:db8::7"],
    ["that Lambda appends to X-Forwarded-For, if the edge reports none", {}, "203.0.113.7"],
  ])("logs the address %s", async (_, edge, from) => {
    calls.on("call", (outgoing) => {
      outgoing.setHeader("content-type", "application/x-amz-json-1.0");
      outgoing.end(JSON.stringify({ Items: [], Count: 0 }));
    });
    const { url, child } = await start();
    const log = child.stdout.toArray();
    try {
      await whenListening(url);
      const authorization = `Basic ${Buffer.from("guess:wrong").toString("base64")}`;
      const forwarded = "192.0.2.1, 203.0.113.7";
      const headers = { ...SECRET, ...edge, authorization, "x-forwarded-for": forwarded };
      expect((await fetch(`${url}/token`, { headers })).status).toBe(401);
      child.kill("SIGKILL");
      const text = (await log).join("");
      const line = text.split("\n").find((candidate) => candidate.includes("login failed")) ?? "{}";
      expect(JSON.parse(line)).toMatchObject({ from, forwarded });
      expect(text).not.toContain("a-secret");
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("with direct pushes challenges requests to its own hostname, even with a forged edge header", async () => {
    const { url, child } = await start({ DOCKLESS_DIRECT_PUSH: "true" });
    child.stdout.resume();
    try {
      await whenListening(url);
      for (const headers of [{}, { "x-dockless-host": "registry.example.com" }]) {
        const { status, headers: received } = await fetch(`${url}/healthz`, { headers });
        expect(status).toBe(401);
        expect(received.get("www-authenticate")).toBe(
          `Bearer realm="${url}/token",service="${new URL(url).host}"`,
        );
      }
    } finally {
      child.kill("SIGKILL");
    }
  });

  async function start(variables: Readonly<Record<string, string>> = {}) {
    const port = await freePort();
    const child = spawn(process.execPath, [join(folder, "index.js")], {
      env: {
        ...{ DOCKLESS_BUCKET: "images", DOCKLESS_TABLE: "images", AWS_REGION: "eu-central-1" },
        ...{ AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "session" },
        DOCKLESS_ORIGIN_SECRET: "a-secret",
        AWS_ENDPOINT_URL_DYNAMODB: stubbed?.url ?? "",
        AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}`,
        ...variables,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    return { url: `http://127.0.0.1:${port}`, child };
  }
});

async function whenListening(url: string): Promise<Response> {
  for (let tries = 0; tries < 500; tries++) {
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined) return response;
    await sleep(20);
  }
  return expect.fail("the function does not listen");
}

async function whenClosed(url: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if ((await fetch(url).catch(() => undefined)) === undefined) return;
    await sleep(20);
  }
  expect.fail("the function still accepts connections");
}
