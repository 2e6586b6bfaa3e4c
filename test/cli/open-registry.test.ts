import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { dockless } from "../support/command.ts";
import { newFolder } from "../support/folder.ts";
import { type RunningServer, startServer } from "../support/server.ts";

let folder: Awaited<ReturnType<typeof newFolder>>;
let server: RunningServer | undefined;

beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await folder.remove();
});

async function start(...args: string[]): Promise<RunningServer> {
  server = await startServer({ data: folder.path, args });
  return server;
}

/** Sends a request with the headers. @returns its status and the message of its error */
async function ask({ url }: RunningServer, headers: Record<string, string>) {
  const client = new Client(url);
  const { status, body } = await client.post("/v2/a/blobs/uploads/", { headers });
  client.close();
  return { status, message: status === 202 ? "" : String(JSON.parse(body.toString()).errors[0].message) };
}

describe("dockless serve without accounts, on a loopback address,", () => {
  it.each([
    { host: "localhost:5000" },
    { host: "LOCALHOST." },
    { host: "registry.localhost:5000" },
    { host: "127.1.2.3", origin: "http://localhost:3000" },
    { host: "[::1]:80" },
    {
      host: "localhost",
      "x-forwarded-for": "127.0.0.1, ::1, ::ffff:127.0.0.1",
      "x-forwarded-host": "127.0.0.1",
    },
  ])("accepts requests for this machine: %j", async (headers) => {
    expect(await ask(await start(), headers)).toEqual({ status: 202, message: "" });
  });

  it.each<[Record<string, string>, RegExp]>([
    [
      { host: "evil.example:5000" },
      /^host evil\.example not allowed .*user add.*--allow-host evil\.example$/,
    ],
    [{ host: "127.0.0.1.evil.example" }, /--allow-host 127\.0\.0\.1\.evil\.example$/],
    [{ host: "localhost.evil.example" }, /--allow-host/],
    [{ host: "evillocalhost" }, /--allow-host/],
    [{ host: "192.168.1.5:5000" }, /--allow-host 192\.168\.1\.5$/],
    [{ host: "[fe80::1]" }, /--allow-host fe80::1$/],
    [
      { host: "localhost", "x-forwarded-host": "localhost, registry.example" },
      /--allow-host registry\.example$/,
    ],
    [{ host: "evil.example", "x-forwarded-host": "localhost" }, /--allow-host evil\.example$/],
    [
      { host: "localhost", "x-forwarded-for": "10.0.0.7" },
      /^a proxy forwards .*user add.*--allow-anonymous$/,
    ],
  ])("rejects requests of websites and of other machines: %j", async (headers, message) => {
    expect(await ask(await start(), headers)).toEqual({
      status: 403,
      message: expect.stringMatching(message),
    });
  });

  it("accepts the names that --allow-host admits, and no others", async () => {
    const running = await start(
      "--allow-host",
      "host.docker.internal",
      "--allow-host",
      "a.example,b.example",
    );
    for (const host of ["host.docker.internal:5000", "A.example", "b.example."])
      expect((await ask(running, { host })).status).toBe(202);
    expect((await ask(running, { host: "c.example" })).status).toBe(403);
  });

  it("accepts the origins that --cors-origin allows, and no others", async () => {
    const running = await start("--cors-origin", "https://ui.example");
    expect((await ask(running, { origin: "https://ui.example" })).status).toBe(202);
    expect((await ask(running, { origin: "http://ui.example" })).status).toBe(403);
  });

  it("accepts all names with --allow-anonymous, also with a public URL", async () => {
    const running = await start("--allow-anonymous", "--public-url", "https://registry.example.com");
    expect((await ask(running, { host: "registry.example.com", "x-forwarded-for": "10.0.0.7" })).status).toBe(
      202,
    );
  });

  it("does not depend on names any more once there is an account", async () => {
    const running = await start();
    await dockless(["user", "add", "alice", "--data", folder.path]);
    await expect.poll(async () => (await ask(running, { host: "a.example" })).status).toBe(401);
  });
});
