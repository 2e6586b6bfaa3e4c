import { join } from "node:path";
import type { ImageClient } from "./client.ts";
import { hashBlobs } from "./layouts.ts";
import { extractMatch } from "./support/expect.ts";
import type { Sandbox } from "./support/sandbox.ts";
import { goProgramPath } from "./support/tools.ts";

/** Creates a client from oras. */
export function createOras(sandbox: Sandbox): ImageClient {
  const oras = async (...args: string[]) => (await sandbox.run([goProgramPath("oras"), ...args])).stdout;
  return {
    name: "oras",
    keeps: "blobs",
    tools: [{ name: "oras", module: "oras.land/oras", version: "v1.3.2", command: "cmd/oras" }],
    version: () => oras("version"),
    login: async (registry, { username, password }) => {
      const login = ["login", "--plain-http", "--username", username, "--password-stdin", registry];
      await sandbox.run([goProgramPath("oras"), ...login], { input: password });
    },
    push: async (layout, name) => {
      const source = `${layout.directory}:${layout.tag}`;
      const output = await oras("cp", "--no-tty", "--from-oci-layout", source, "--to-plain-http", name.text);
      return extractMatch(/Digest: (sha256:[0-9a-f]{64})/, output);
    },
    pull: async (name) => {
      const directory = await sandbox.folder("pulled");
      const target = `${directory}:pulled`;
      await oras("cp", "--no-tty", "--from-plain-http", name.text, "--to-oci-layout", target);
      return await hashBlobs(join(directory, "blobs"));
    },
    resolve: async (name) => (await oras("resolve", "--plain-http", name.text)).trim(),
    copy: async (from, to) => {
      await oras("cp", "--no-tty", "--from-plain-http", from.text, "--to-plain-http", to.text);
    },
  };
}
