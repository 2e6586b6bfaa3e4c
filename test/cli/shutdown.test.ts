import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Command } from "../support/command.ts";
import { blob, type Content, digestOf, image, noise } from "../support/content.ts";
import { newFolder } from "../support/folder.ts";
import { type RunningServer, startServer } from "../support/server.ts";

const LARGE = contentOf(noise(3_000_000));

let folder: Awaited<ReturnType<typeof newFolder>>;
let server: RunningServer;

beforeEach(async () => {
  folder = await newFolder();
  server = await startServer({ data: folder.path });
});
afterEach(async () => {
  await server.stop("SIGKILL");
  await folder.remove();
});

describe("dockless serve, after a signal,", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("exits with status 0 on %s", async (signal) => {
    expect(await server.stop(signal)).toBe(0);
  });

  it("exits even if a client keeps its connection open", async () => {
    const agent = new Agent({ keepAlive: true });
    await responseOf(request(`${server.url}/v2/`, { agent }).end());
    const exited = server.stop();
    expect(await secondsUntil(exited)).toBeLessThan(5);
    expect(await exited).toBe(0);
    agent.destroy();
  });

  it("completes an upload in progress, then exits", async () => {
    const agent = new Agent({ keepAlive: true });
    const upload = await startUpload(agent);
    const exited = server.stop();
    await expect.poll(isListening, { timeout: 5000 }).toBe(false);
    upload.end(LARGE.bytes.subarray(1_500_000));
    expect((await responseOf(upload)).statusCode).toBe(201);
    expect(await secondsUntil(exited)).toBeLessThan(5);
    expect(await exited).toBe(0);
    agent.destroy();
    server = await startServer({ data: folder.path });
    expect(await sizeOf(LARGE)).toBe("3000000");
  });
});

describe("dockless serve, with a request in flight,", () => {
  /** Starts the server again with readable output, and an upload that stays in flight. */
  async function startUploading() {
    await server.stop();
    const command = new Command(["serve", "--port", "0", "--data", folder.path]);
    await expect.poll(() => command.stdout, { timeout: 10_000 }).toMatch(/listening on http:\S+\n/);
    server = { ...server, url: /listening on (\S+)/.exec(command.stdout)?.[1] ?? "" };
    const agent = new Agent();
    const upload = await startUpload(agent);
    const failed = once(upload, "error");
    failed.catch(() => undefined);
    return { command, upload, failed };
  }

  const line =
    "dockless: completing 1 request in flight: press Ctrl-C again to exit immediately, or send another signal\n";

  it("reports it after a signal, and treats another one at the same time as the same key press", async () => {
    const { command, upload } = await startUploading();
    command.process.kill("SIGINT");
    command.process.kill("SIGINT");
    await expect.poll(() => command.stderr, { timeout: 5000 }).toContain(line);
    upload.end(LARGE.bytes.subarray(1_500_000));
    expect((await responseOf(upload)).statusCode).toBe(201);
    expect((await command.ended()).code).toBe(0);
    expect(command.stderr.split(line)).toHaveLength(2);
  });

  it.each([
    ["SIGINT", "SIGINT", 130],
    ["SIGTERM", "SIGINT", 130],
    ["SIGINT", "SIGTERM", 143],
  ] as const)("exits at once after %s and then %s", async (first, second, status) => {
    const { command, failed } = await startUploading();
    command.process.kill(first);
    await expect.poll(() => command.stderr, { timeout: 5000 }).toContain(line);
    const repeat = setInterval(() => command.process.kill(second), 100);
    const { code } = await command.ended();
    clearInterval(repeat);
    expect(code).toBe(status);
    await failed;
  });

  it("completes it when the reader of the log has ended, as tee does at Ctrl-C", async () => {
    const { command, upload } = await startUploading();
    command.process.stderr?.destroy();
    command.process.kill("SIGINT");
    await expect.poll(isListening, { timeout: 5000 }).toBe(false);
    upload.end(LARGE.bytes.subarray(1_500_000));
    expect((await responseOf(upload)).statusCode).toBe(201);
    expect((await command.ended()).code).toBe(0);
  });

  it("reports nothing when there is none", async () => {
    await server.stop();
    const command = new Command(["serve", "--port", "0", "--data", folder.path]);
    await expect.poll(() => command.stdout, { timeout: 10_000 }).toMatch(/listening on/);
    command.process.kill("SIGINT");
    expect(await command.ended()).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("npm start", () => {
  it("stops the server when npm gets SIGTERM, with its exit status", async () => {
    await server.stop();
    const args = ["start", "--", "--port", "0", "--data", folder.path];
    const npm = spawn("npm", args, {
      cwd: join(import.meta.dirname, "../.."),
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    npm.stdout.on("data", (text) => {
      output += text;
    });
    await expect.poll(() => output, { timeout: 20_000 }).toMatch(/listening on http:\S+\n/);
    server = { ...server, url: /listening on (\S+)/.exec(output)?.[1] ?? "" };
    npm.kill("SIGTERM");
    const status = await once(npm, "exit");
    npm.stdout.destroy();
    expect(status).toEqual([0, null]);
    expect(await isListening()).toBe(false);
  }, 60_000);
});

describe("dockless serve, after SIGKILL,", () => {
  it("restarts on the same data folder with all pushed content", async () => {
    const [config, layer] = [blob("config"), blob("layer")];
    const content = image({ config, layers: [layer] });
    for (const part of [config, layer]) await push(part);
    await fetch(`${server.url}/v2/app/manifests/latest`, {
      method: "PUT",
      headers: { "content-type": content.mediaType },
      body: content.bytes,
    });
    await server.stop("SIGKILL");
    server = await startServer({ data: folder.path });
    const pulled = await fetch(`${server.url}/v2/app/manifests/latest`);
    expect(await pulled.text()).toBe(Buffer.from(content.bytes).toString());
    const body = await fetch(`${server.url}/v2/app/blobs/${layer.digest}`);
    expect(await body.text()).toBe("layer");
  });

  it("discards an upload in progress, which the client can repeat", async () => {
    const agent = new Agent();
    const upload = await startUpload(agent);
    upload.on("error", () => undefined);
    await server.stop("SIGKILL");
    server = await startServer({ data: folder.path });
    expect(await readdir(join(folder.path, "uploads"))).toEqual([]);
    expect((await fetch(`${server.url}/v2/app/blobs/${LARGE.digest}`, { method: "HEAD" })).status).toBe(404);
    await push(LARGE);
    expect(await sizeOf(LARGE)).toBe("3000000");
  });

  it("resumes an upload session after its last accepted chunk", async () => {
    const location = await startSession();
    const first = LARGE.bytes.subarray(0, 1_000_000);
    expect((await fetch(location, { method: "PATCH", body: first })).status).toBe(202);
    await server.stop("SIGKILL");
    server = await startServer({ data: folder.path });
    const resumed = server.url + new URL(location).pathname;
    const status = await fetch(resumed);
    expect([status.status, status.headers.get("range")]).toEqual([204, "0-999999"]);
    const last = LARGE.bytes.subarray(1_000_000);
    expect((await fetch(`${resumed}?digest=${LARGE.digest}`, { method: "PUT", body: last })).status).toBe(
      201,
    );
    expect(await sizeOf(LARGE)).toBe("3000000");
  });
});

function contentOf(bytes: Uint8Array): Content {
  return { bytes, digest: digestOf(bytes), mediaType: "application/octet-stream" };
}

async function startSession(): Promise<string> {
  const response = await fetch(`${server.url}/v2/app/blobs/uploads/`, { method: "POST" });
  expect(response.status).toBe(202);
  return new URL(response.headers.get("location") ?? "", server.url).href;
}

/** Starts a closing PUT, sends half of its body, and waits until the server has created its staged file. */
async function startUpload(agent: Agent): Promise<ClientRequest> {
  const location = await startSession();
  const headers = { "content-length": LARGE.bytes.length };
  const upload = request(`${location}?digest=${LARGE.digest}`, { method: "PUT", agent, headers });
  upload.write(LARGE.bytes.subarray(0, 1_500_000));
  await expect
    .poll(async () => (await readdir(join(folder.path, "uploads"))).length, { timeout: 5000 })
    .toBe(1);
  return upload;
}

async function push(content: Content): Promise<void> {
  const url = `${await startSession()}?digest=${content.digest}`;
  expect((await fetch(url, { method: "PUT", body: content.bytes })).status).toBe(201);
}

async function sizeOf({ digest }: Content): Promise<string | null> {
  return (await fetch(`${server.url}/v2/app/blobs/${digest}`, { method: "HEAD" })).headers.get(
    "content-length",
  );
}

async function responseOf(sent: ClientRequest): Promise<IncomingMessage> {
  const [response]: IncomingMessage[] = await once(sent, "response");
  if (response === undefined) throw new Error("no response");
  await text(response);
  return response;
}

async function isListening(): Promise<boolean> {
  return await fetch(`${server.url}/v2/`).then(
    () => true,
    () => false,
  );
}

/** Returns the number of seconds until the promise settles, capped at 10. */
async function secondsUntil(promise: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await Promise.race([promise, sleep(10_000, undefined, { ref: false })]);
  return (performance.now() - startedAt) / 1000;
}
