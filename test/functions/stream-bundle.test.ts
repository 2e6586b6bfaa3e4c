import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBundle, STREAM_BUNDLE } from "../../lib/cloud/compute/bundle.ts";
import { type Listening, listen } from "../../local-cloud/support/listen.ts";
import { freePort } from "../../local-cloud/support/processes.ts";

/** A DynamoDB server that reports the function's credentials as expired. */
const dynamodb = createServer((_, outgoing) => {
  outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
  outgoing.end(JSON.stringify({ __type: "com.amazon.coral.service#ExpiredTokenException", message: "over" }));
});

describe("the bundle of the web function", () => {
  let folder = "";
  let stubbed: Listening | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dockless-stream-"));
    buildBundle(STREAM_BUNDLE, folder);
    await writeFile(join(folder, "package.json"), "{}");
    stubbed = await listen(dynamodb);
  });

  afterAll(async () => {
    await stubbed?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts the function. @returns its process and the URL of a manifest */
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
    return { child, url: `http://127.0.0.1:${port}/v2/acme/manifests/latest` };
  }

  it("returns 503 and exits when its credentials have expired, so that Lambda starts it with new ones", async () => {
    const { child, url } = await start();
    const log = child.stdout.toArray();
    const exited = once(child, "exit");
    try {
      expect((await whenListening(url)).status).toBe(403);
      const response = await fetch(url, { headers: { "x-dockless-origin-secret": "a-secret" } });
      expect(response.status).toBe(503);
      expect(await exited).toEqual([1, null]);
      expect((await log).join("")).toContain("AWS credentials expired");
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("with direct pushes challenges requests to its own hostname, even with a forged header of the edge", async () => {
    const { child, url } = await start({ DOCKLESS_DIRECT_PUSH: "true" });
    child.stdout.resume();
    try {
      const { origin, host } = new URL((await whenListening(url)).url);
      for (const headers of [{}, { "x-dockless-host": "registry.example.com" }]) {
        const { status, headers: received } = await fetch(`${origin}/healthz`, { headers });
        expect(status).toBe(401);
        expect(received.get("www-authenticate")).toBe(`Bearer realm="${origin}/token",service="${host}"`);
      }
    } finally {
      child.kill("SIGKILL");
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
