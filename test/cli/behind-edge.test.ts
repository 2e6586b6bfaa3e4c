import { afterEach, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { dockless } from "../support/command.ts";
import { newFolder } from "../support/folder.ts";
import { type RunningServer, startServer } from "../support/server.ts";

let server: RunningServer | undefined;

afterEach(async () => {
  await server?.dispose();
});

const SECRET = { "x-dockless-origin-secret": "a-secret" };

it("an origin of the stack starts without accounts on any address, denies access, and uses the edge's host in challenges", async () => {
  server = await startServer({
    args: ["--host", "0.0.0.0", "--behind-edge"],
    env: { DOCKLESS_ORIGIN_SECRET: "a-secret" },
  });
  const client = new Client(server.url.replace("0.0.0.0", "127.0.0.1"));
  const ping = await client.get("/v2/", { ...SECRET, "x-dockless-host": "registry.example.com" });
  expect(ping.status).toBe(401);
  expect(ping.headers["www-authenticate"]).toBe(
    'Bearer realm="https://registry.example.com/token",service="registry.example.com"',
  );
  const push = await client.post("/v2/acme/blobs/uploads/", { headers: SECRET });
  expect(push.status).toBe(401);
  expect((await client.get("/v2/")).status).toBe(403);
  expect((await client.get("/healthz")).status).toBe(200);
  client.close();
});

it("an origin of the stack does not start without a secret", async () => {
  const folder = await newFolder();
  const { code, stderr } = await dockless(["serve", "--port", "0", "--data", folder.path, "--behind-edge"]);
  await folder.remove();
  const error =
    "DOCKLESS_ORIGIN_SECRET is missing: set it to the secret that the CloudFront distribution sends";
  expect([code, stderr]).toEqual([1, `dockless: ${error}\n`]);
});
