import { afterEach, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { type RunningServer, startServer } from "../support/server.ts";

let server: RunningServer | undefined;

afterEach(async () => {
  await server?.dispose();
});

it("as an origin of the stack, it starts without accounts on any address, closed, and names the edge's host", async () => {
  server = await startServer({ args: ["--host", "0.0.0.0", "--behind-edge"] });
  const client = new Client(server.url.replace("0.0.0.0", "127.0.0.1"));
  const knocked = await client.get("/v2/", { "x-dockless-host": "registry.example.com" });
  expect(knocked.status).toBe(401);
  expect(knocked.headers["www-authenticate"]).toBe(
    'Bearer realm="https://registry.example.com/token",service="registry.example.com"',
  );
  const push = await client.post("/v2/acme/blobs/uploads/");
  expect(push.status).toBe(401);
  client.close();
});
