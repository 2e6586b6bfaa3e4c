import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildBundle, STREAM_BUNDLE } from "../../lib/cloud/compute/bundle.ts";
import { type Listening, listen } from "../../local-cloud/support/listen.ts";
import { freePort } from "../../local-cloud/support/processes.ts";

const SECRET = { "x-dockless-origin-secret": "a-secret" };

/** DynamoDB that reports the function's credentials as expired. */
const expired: RequestListener = (_, outgoing) => {
  outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
  outgoing.end(JSON.stringify({ __type: "com.amazon.coral.service#ExpiredTokenException", message: "over" }));
};

/** DynamoDB without records. */
const empty: RequestListener = (_, outgoing) => {
  outgoing.setHeader("content-type", "application/x-amz-json-1.0");
  outgoing.end(JSON.stringify({ Items: [], Count: 0 }));
};

describe("the bundle of the web function", () => {
  let folder = "";
  let stubbed: Listening | undefined;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dockless-stream-"));
    buildBundle(STREAM_BUNDLE, folder);
    await writeFile(join(folder, "package.json"), "{}");
  });
  afterEach(async () => {
    child?.kill("SIGKILL");
    await stubbed?.stop();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Starts the function. @returns its URL, the first status of a request without the secret, and its log once it has exited */
  async function start(dynamodb: RequestListener, variables: Readonly<Record<string, string>> = {}) {
    const port = await freePort();
    stubbed = await listen(createServer(dynamodb));
    child = spawn(process.execPath, [join(folder, "index.js")], {
      env: {
        ...{ DOCKLESS_BUCKET: "images", DOCKLESS_TABLE: "images", AWS_REGION: "eu-central-1" },
        ...{ AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "session" },
        DOCKLESS_ORIGIN_SECRET: "a-secret",
        AWS_ENDPOINT_URL_DYNAMODB: stubbed.url,
        AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}`,
        ...variables,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const log = child.stdout?.toArray();
    const exited = once(child, "exit");
    const url = `http://127.0.0.1:${port}`;
    const { status } = await whenListening(`${url}/v2/`);
    return { url, status, exited, log: async () => (await log)?.join("") ?? "" };
  }

  it("returns 503 and exits when its credentials have expired, so that Lambda starts it with new ones", async () => {
    const { url, status, exited, log } = await start(expired);
    expect(status).toBe(403);
    const response = await fetch(`${url}/v2/acme/manifests/latest`, { headers: SECRET });
    expect(response.status).toBe(503);
    expect(await exited).toEqual([1, null]);
    expect(await log()).toContain("AWS credentials expired");
  });

  it.each([
    ["reported by the edge", { "x-dockless-client": "2001:db8::7" }, "2001:db8::7"],
    ["that Lambda appends to X-Forwarded-For, if the edge reports none", {}, "203.0.113.7"],
  ])("logs the address %s", async (_, edge, from) => {
    const { url, log } = await start(empty);
    const authorization = `Basic ${Buffer.from("guess:wrong").toString("base64")}`;
    const forwarded = "192.0.2.1, 203.0.113.7";
    const headers = { ...SECRET, ...edge, authorization, "x-forwarded-for": forwarded };
    expect((await fetch(`${url}/token`, { headers })).status).toBe(401);
    child?.kill("SIGTERM");
    const text = await log();
    const line = text.split("\n").find((candidate) => candidate.includes("login refused")) ?? "{}";
    expect(JSON.parse(line)).toMatchObject({ from, forwarded });
    expect(text).not.toContain("a-secret");
  });

  it("with direct pushes challenges requests to its own hostname, even with a forged header of the edge", async () => {
    const { url } = await start(empty, { DOCKLESS_DIRECT_PUSH: "true" });
    for (const headers of [{}, { "x-dockless-host": "registry.example.com" }]) {
      const { status, headers: received } = await fetch(`${url}/healthz`, { headers });
      expect(status).toBe(401);
      expect(received.get("www-authenticate")).toBe(
        `Bearer realm="${url}/token",service="${new URL(url).host}"`,
      );
    }
  });
});

async function whenListening(url: string): Promise<Response> {
  for (let tries = 0; tries < 500; tries++) {
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined) return response;
    await sleep(20);
  }
  return expect.fail("the function does not listen");
}
