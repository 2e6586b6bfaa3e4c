import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { dockless } from "../support/command.ts";
import { startServer } from "../support/server.ts";

const PAGE = join(import.meta.dirname, "../../docs/clients.md");
const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.index.v1+json",
  manifests: [],
});

/** Returns the script of a section of the page. */
async function scriptBelow(heading: string): Promise<string> {
  const [, section = ""] = (await readFile(PAGE, "utf8")).split(`\n## ${heading}\n`);
  return /```sh\n(.*?)```/s.exec(section)?.[1] ?? expect.fail(`no script below ${heading}`);
}

describe("the requests with curl in docs/clients.md", () => {
  it.each([true, false])("create and move a tag (with accounts: %s)", async (hasAccounts) => {
    const server = await startServer();
    try {
      const secret = hasAccounts ? await addAlice(server.data) : "";
      const authorization = `Basic ${Buffer.from(`alice:${secret}`).toString("base64")}`;
      const pushed = await fetch(`${server.url}/v2/alpine/manifests/latest`, {
        method: "PUT",
        headers: { authorization, "content-type": "application/vnd.oci.image.index.v1+json" },
        body: MANIFEST,
      });
      expect(pushed.status).toBe(201);
      const script = await scriptBelow("Move a tag only if it is unchanged");
      const { stdout } = await promisify(execFile)(
        "bash",
        ["-euc", script.replace("http://127.0.0.1:5000", server.url)],
        { cwd: server.data, env: { ...process.env, SECRET: secret } },
      );
      expect(stdout.match(/^HTTP\/1.1 \d+/gm)).toEqual(["HTTP/1.1 201", "HTTP/1.1 201"]);
    } finally {
      await server.dispose();
    }
  });
});

/** Creates an account that may push. @returns its secret */
async function addAlice(data: string): Promise<string> {
  const { stdout } = await dockless(["user", "add", "alice", "--data", data]);
  await dockless(["access", "grant", "user:alice", "**", "pull,push", "--data", data]);
  return stdout.trim();
}
