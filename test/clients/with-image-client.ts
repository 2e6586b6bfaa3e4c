import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageClient } from "./client.ts";
import { type ClientName, createClient } from "./clients.ts";
import { createSandbox, type Sandbox } from "./support/sandbox.ts";
import { installTools } from "./support/tools.ts";

/** Runs work with a started client in a sandbox of its own, which is deleted afterwards. */
export async function withImageClient<T>(
  name: ClientName,
  work: (client: ImageClient, sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  // Lower case, because podman derives an image's name from the folder of the layout.
  const sandbox = await createSandbox(join(tmpdir(), `dockless-client-${randomBytes(4).toString("hex")}`));
  const client = createClient(name, sandbox);
  try {
    if (!("pull" in client)) throw new Error(`${name} cannot push and pull images`);
    await installTools(client.tools);
    await client.start?.();
    return await work(client, sandbox);
  } finally {
    await client.stop?.();
    await sandbox.dispose();
  }
}
