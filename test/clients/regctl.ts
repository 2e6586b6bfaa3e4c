import { join } from "node:path";
import type { ImageClient } from "./client.ts";
import { hashBlobs } from "./layouts.ts";
import { extractMatch } from "./support/expect.ts";
import type { Sandbox } from "./support/sandbox.ts";
import { goProgramPath } from "./support/tools.ts";

/** Creates a client from regctl. */
export function createRegctl(sandbox: Sandbox): ImageClient {
  const regctl = async (...args: string[]) => (await sandbox.run([goProgramPath("regctl"), ...args])).stdout;
  const insecure = (registry: string) => ["--host", `reg=${registry},tls=disabled`];
  return {
    name: "regctl",
    keeps: "blobs",
    tools: [
      {
        name: "regctl",
        module: "github.com/regclient/regclient",
        version: "v0.11.7",
        command: "cmd/regctl",
      },
    ],
    version: async () => extractMatch(/VCSTag:\s*(\S+)/, await regctl("version")),
    login: async (registry, { username, password }) => {
      const login = ["registry", "login", registry, "--user", username, "--pass-stdin"];
      await sandbox.run([goProgramPath("regctl"), ...insecure(registry), ...login], { input: password });
    },
    push: async (layout, name) => {
      const source = `ocidir://${layout.directory}:${layout.tag}`;
      await regctl(...insecure(name.registry), "image", "copy", source, name.text);
      return layout.root.digest;
    },
    pull: async (name) => {
      const directory = await sandbox.folder("pulled");
      const target = `ocidir://${directory}:pulled`;
      await regctl(...insecure(name.registry), "image", "copy", name.text, target);
      return await hashBlobs(join(directory, "blobs"));
    },
    resolve: async (name) => (await regctl(...insecure(name.registry), "image", "digest", name.text)).trim(),
    copy: async (from, to) => {
      await regctl(...insecure(from.registry), "image", "copy", from.text, to.text);
    },
  };
}
