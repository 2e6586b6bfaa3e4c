import { join } from "node:path";
import type { ImageClient } from "./client.ts";
import { hashBlobs } from "./layouts.ts";
import { extractMatch } from "./support/expect.ts";
import type { Sandbox } from "./support/sandbox.ts";
import { goProgramPath } from "./support/tools.ts";

/** Creates a client from crane. */
export function createCrane(sandbox: Sandbox): ImageClient {
  const crane = async (...args: string[]) => (await sandbox.run([goProgramPath("crane"), ...args])).stdout;
  return {
    name: "crane",
    keeps: "blobs",
    tools: [
      {
        name: "crane",
        module: "github.com/google/go-containerregistry",
        version: "v0.22.1",
        command: "cmd/crane",
      },
    ],
    version: () => crane("version"),
    login: async (registry, { username, password }) => {
      const login = ["auth", "login", registry, "--username", username, "--password-stdin"];
      await sandbox.run([goProgramPath("crane"), ...login], { input: password });
    },
    push: async (layout, name) =>
      extractMatch(/@(sha256:[0-9a-f]{64})/, await crane("push", "--insecure", layout.directory, name.text)),
    pull: async (name) => {
      const directory = await sandbox.folder("pulled");
      await crane("pull", "--insecure", "--format", "oci", name.text, directory);
      return await hashBlobs(join(directory, "blobs"));
    },
    resolve: async (name) => (await crane("digest", "--insecure", name.text)).trim(),
    copy: async (from, to) => {
      await crane("copy", "--insecure", from.text, to.text);
    },
  };
}
