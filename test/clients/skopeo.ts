import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageClient } from "./client.ts";
import { isolateProgram } from "./containers-storage.ts";
import { hashBlobs } from "./layouts.ts";
import type { Sandbox } from "./support/sandbox.ts";

const SKOPEO = "/usr/bin/skopeo";

/** Creates a client from skopeo. */
export function createSkopeo(sandbox: Sandbox): ImageClient {
  const run = isolateProgram(sandbox, SKOPEO);
  const digestFile = join(sandbox.directory, "digest");
  return {
    name: "skopeo",
    keeps: "blobs",
    tools: [{ package: "skopeo", programs: [SKOPEO] }],
    version: async () => (await sandbox.run([SKOPEO, "--version"])).stdout,
    login: async (registry, { username, password }) => {
      const login = ["login", "--tls-verify=false", "--username", username, "--password-stdin", registry];
      await run(login, { input: password });
    },
    push: async (layout, name) => {
      const options = ["--all", "--dest-tls-verify=false", "--digestfile", digestFile];
      await run(["copy", ...options, `oci:${layout.directory}:${layout.tag}`, `docker://${name.text}`]);
      return (await readFile(digestFile, "utf8")).trim();
    },
    pull: async (name) => {
      const directory = await sandbox.folder("pulled");
      await run([
        "copy",
        "--all",
        "--src-tls-verify=false",
        `docker://${name.text}`,
        `oci:${directory}:pulled`,
      ]);
      return await hashBlobs(join(directory, "blobs"));
    },
    resolve: async (name) => {
      const inspect = ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", `docker://${name.text}`];
      return (await run(inspect)).stdout.trim();
    },
    copy: async (from, to) => {
      const options = ["--all", "--src-tls-verify=false", "--dest-tls-verify=false"];
      await run(["copy", ...options, `docker://${from.text}`, `docker://${to.text}`]);
    },
  };
}
