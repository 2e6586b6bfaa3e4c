import { afterEach, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { type RunningServer, startServer } from "../support/server.ts";

let server: RunningServer | undefined;

afterEach(async () => {
  await server?.dispose();
});

it("an origin of the stack starts without accounts on any address, denies access, and uses the edge's host in challenges", async () => {
  server = await startServer({ args: ["--host", "0.0.0.0", "--behind-edge"] });
  const client = new Client(server.url.replace("0.0.0.0", "127.0.0.1"));
  const ping = await client.get("/v2/", { "x-dockless-host": "registry.example.com" });
  expect(ping.status).toBe(401);
  expect(ping.headers["www-authenticate"]).toBe(
    'Bearer realm="https://registry.example.com/token",service="registry.example.com"',
  );
  const push = await client.post("/v2/acme/blobs/uploads/");
  expect(push.status).toBe(401);
  client.close();
});
