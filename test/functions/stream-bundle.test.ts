import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildBundle, STREAM_BUNDLE } from "../../lib/cloud/compute/bundle.ts";
import { type Listening, listen } from "../../local-cloud/support/listen.ts";
import { freePort } from "../../local-cloud/support/processes.ts";

/** DynamoDB server to whose calls the tests respond. */
const dynamodb = createServer((_, outgoing) => calls.emit("call", outgoing));
const calls = new EventEmitter<{ call: [ServerResponse] }>();

function rejectCall(outgoing: ServerResponse, type: string): void {
  outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
  outgoing.end(JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message: "rejected" }));
}

describe("the bundle of the web function", () => {
  let folder = "";
  let stubbed: Listening | undefined;

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

  it("returns 503 and exits when its credentials have expired, so that Lambda starts it with new ones", async () => {
    calls.on("call", (outgoing) => rejectCall(outgoing, "ExpiredTokenException"));
    const { url, child } = await start();
    const log = child.stdout.toArray();
    const exited = once(child, "exit");
    try {
      const response = await whenListening(`${url}/v2/acme/manifests/latest`);
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
      const called = once(calls, "call");
      const response = fetch(`${url}/v2/acme/manifests/latest`, { headers: { connection: "close" } });
      const [pending] = await called;
      child.kill("SIGTERM");
      await whenClosed(url);
      rejectCall(pending, "AccessDeniedException");
      expect((await response).status).toBe(500);
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  async function start() {
    const port = await freePort();
    const child = spawn(process.execPath, [join(folder, "index.js")], {
      env: {
        ...{ DOCKLESS_BUCKET: "images", DOCKLESS_TABLE: "images", AWS_REGION: "eu-central-1" },
        ...{ AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "session" },
        AWS_ENDPOINT_URL_DYNAMODB: stubbed?.url ?? "",
        AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}`,
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
