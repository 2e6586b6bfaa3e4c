import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { dockless } from "../support/command.ts";
import { newFolder } from "../support/folder.ts";
import { type RunningServer, startServer } from "../support/server.ts";

type Headers = Readonly<Record<string, string>>;

/** Sends a request with the headers. @returns its status and the message of its error */
async function send({ url }: RunningServer, headers: Headers) {
  const client = new Client(url);
  const { status, body } = await client.post("/v2/a/blobs/uploads/", { headers });
  client.close();
  return { status, message: status === 202 ? "" : String(JSON.parse(body.toString()).errors[0].message) };
}

async function withServer(args: string[], use: (server: RunningServer) => Promise<void>): Promise<void> {
  const server = await startServer({ args });
  try {
    await use(server);
  } finally {
    await server.dispose();
  }
}

describe("dockless serve without accounts, on a loopback address,", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.dispose());

  it.each<Headers>([
    { host: "localhost:5000" },
    { host: "LOCALHOST." },
    { host: "registry.localhost:5000" },
    { host: "127.1.2.3", origin: "http://localhost:3000" },
    { host: "[::1]:80" },
    { host: "localhost", "x-forwarded-for": "127.0.0.1, ::1, ::ffff:127.0.0.1", "x-forwarded-host": "[::1]" },
    {
      host: "localhost",
      "x-real-ip": "127.0.0.1",
      forwarded: 'for="[::1]:80";host=localhost, For=127.0.0.1',
    },
  ])("accepts requests for this machine: %j", async (headers) => {
    expect(await send(server, headers)).toEqual({ status: 202, message: "" });
  });

  it.each<[Headers, RegExp]>([
    [
      { host: "evil.example:5000" },
      /^host evil\.example not allowed .*user add.*--allow-host evil\.example$/,
    ],
    [{ host: "127.0.0.1.evil.example" }, /--allow-host 127\.0\.0\.1\.evil\.example$/],
    [{ host: "localhost.evil.example" }, /--allow-host/],
    [{ host: "evillocalhost" }, /--allow-host/],
    [{ host: "0.0.0.0:5000" }, /--allow-host 0\.0\.0\.0$/],
    [{ host: "192.168.1.5:5000" }, /--allow-host 192\.168\.1\.5$/],
    [{ host: "[fe80::1]" }, /--allow-host fe80::1$/],
    [
      { host: "localhost", "x-forwarded-host": "localhost, registry.example" },
      /--allow-host registry\.example$/,
    ],
    [{ host: "evil.example", "x-forwarded-host": "localhost" }, /--allow-host evil\.example$/],
    [
      { host: "localhost", origin: "https://evil.example" },
      /^origin https:\/\/evil\.example .*user add.*--cors-origin$/,
    ],
    [{ host: "localhost", origin: "null" }, /^origin null not allowed/],
    [
      { host: "localhost", "x-forwarded-for": "10.0.0.7" },
      /^a proxy forwards .*user add.*--allow-anonymous$/,
    ],
    [{ host: "localhost", "x-real-ip": "10.0.0.7" }, /^a proxy forwards/],
    [{ host: "localhost", forwarded: "proto=http; FOR=10.0.0.7" }, /^a proxy forwards/],
    [{ host: "localhost", forwarded: 'for=127.0.0.1,for="[2001:db8::1]:80"' }, /^a proxy forwards/],
    [{ host: "localhost", forwarded: "for=127.0.0.1;host=registry.example" }, /^a proxy forwards/],
  ])("rejects requests of websites and of other machines: %j", async (headers, message) => {
    expect(await send(server, headers)).toEqual({ status: 403, message: expect.stringMatching(message) });
  });

  it("accepts any Host once there is an account", async () => {
    const folder = await newFolder();
    const running = await startServer({ data: folder.path });
    try {
      await dockless(["user", "add", "alice", "--data", folder.path]);
      await expect.poll(async () => (await send(running, { host: "a.example" })).status).toBe(401);
    } finally {
      await running.stop();
      await folder.remove();
    }
  });
});

it("--allow-host admits only the listed hosts", async () => {
  const args = ["--allow-host", "host.docker.internal", "--allow-host", "a.example,b.example,fe80::1"];
  await withServer(args, async (server) => {
    for (const host of ["host.docker.internal:5000", "A.example", "b.example.", "[fe80::1]:5000"])
      expect((await send(server, { host })).status).toBe(202);
    expect((await send(server, { host: "c.example" })).status).toBe(403);
  });
});

it("--cors-origin admits only the listed origins", async () => {
  await withServer(["--cors-origin", "https://ui.example"], async (server) => {
    expect((await send(server, { origin: "https://ui.example" })).status).toBe(202);
    expect((await send(server, { origin: "http://ui.example" })).status).toBe(403);
  });
});

it("--allow-anonymous admits all hosts and clients, even with a public URL", async () => {
  await withServer(["--allow-anonymous", "--public-url", "https://registry.example.com"], async (server) => {
    const headers = {
      host: "registry.example.com",
      "x-forwarded-for": "10.0.0.7",
      origin: "https://a.example",
    };
    expect((await send(server, headers)).status).toBe(202);
  });
});
