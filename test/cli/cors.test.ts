import { afterAll, beforeAll, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { dockless } from "../support/command.ts";
import { newFolder } from "../support/folder.ts";
import { type RunningServer, startServer } from "../support/server.ts";

const UI = "https://ui.example.com";
const PREFLIGHT = { origin: UI, "access-control-request-method": "PUT" };

let folder: Awaited<ReturnType<typeof newFolder>>;
let server: RunningServer;
let client: Client;

beforeAll(async () => {
  folder = await newFolder();
  await dockless(["init", "--data", folder.path]);
  await dockless(["user", "add", "alice", "--data", folder.path]);
  const origins = ["--cors-origin", UI, "--cors-origin", "http://localhost:3000"];
  server = await startServer({ data: folder.path, args: origins });
  client = new Client(server.url);
});
afterAll(async () => {
  client.close();
  await server.stop();
  await folder.remove();
});

it.each(["/v2/", "/v2/a/manifests/latest", "/token"])(
  "answers a preflight request of an allowed origin without credentials: %s",
  async (path) => {
    const { status, headers } = await client.send("OPTIONS", path, { headers: PREFLIGHT });
    expect([status, headers["access-control-allow-origin"]]).toEqual([204, UI]);
  },
);

it("lets an allowed origin read the challenge, and a rejection by the token service", async () => {
  for (const path of ["/v2/", "/token?service=a"]) {
    const { status, headers } = await client.get(path, { origin: UI, authorization: "Basic YTpi" });
    expect([status, headers["access-control-allow-origin"]]).toEqual([401, UI]);
    expect(headers["access-control-expose-headers"]).toContain("WWW-Authenticate");
  }
});

it("rejects a preflight request of another origin", async () => {
  const headers = { ...PREFLIGHT, origin: "https://other.example" };
  const response = await client.send("OPTIONS", "/v2/", { headers });
  expect([response.status, response.headers["access-control-allow-origin"]]).toEqual([405, undefined]);
});
