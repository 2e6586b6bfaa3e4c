import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageLayout } from "../support/images.ts";
import type { ImageClient, ImageName } from "./client.ts";
import { expectEqual } from "./support/expect.ts";
import type { Output, RunOptions } from "./support/process.ts";
import type { Sandbox } from "./support/sandbox.ts";

/** Shell script that hides the cache of blob locations, which these programs keep in a system folder when run as root. */
const HIDE_CACHE_SCRIPT =
  'mkdir -p /var/lib/containers/cache && mount --bind "$HOME" /var/lib/containers/cache && exec "$@"';

/** Function that runs a program with arguments. */
export type RunProgram = (args: readonly string[], options?: RunOptions) => Promise<Output>;

/** Returns a function that runs skopeo, podman or buildah in its own mount namespace. */
export function isolateProgram(sandbox: Sandbox, program: string): RunProgram {
  return (args, options) =>
    sandbox.run(["unshare", "--mount", "sh", "-c", HIDE_CACHE_SCRIPT, "sh", program, ...args], options);
}

/** Creates a client from podman or buildah. Their common storage unpacks layers, and compresses them again for a push. */
export function createStorageClient(sandbox: Sandbox, name: "podman" | "buildah"): ImageClient {
  const program = `/usr/bin/${name}`;
  const run = isolateProgram(sandbox, program);
  return {
    name,
    keeps: "content",
    tools: [{ package: name, programs: [program] }],
    version: async () => (await sandbox.run([program, "--version"])).stdout,
    login: async (registry, { username, password }) => {
      const login = ["login", "--tls-verify=false", "--username", username, "--password-stdin", registry];
      await run(login, { input: password });
    },
    push: async (layout, target) => {
      const digestFile = join(sandbox.directory, "digest");
      const options = ["--tls-verify=false", "--digestfile", digestFile];
      const push = layout.images.length > 1 ? pushList : pushImage;
      await push(run, layout, options, target);
      return (await readFile(digestFile, "utf8")).trim();
    },
    pull: async (source, platforms) => {
      await run(["rmi", "--all", "--force"]);
      expectEqual(
        "images left before the pull",
        (await run(["images", "--quiet", "--all"])).stdout.trim(),
        "",
      );
      for (const { os, architecture } of platforms) {
        await run(["pull", "--tls-verify=false", "--platform", `${os}/${architecture}`, source.text]);
      }
      return await readStoredDigests(join(sandbox.directory, "storage"));
    },
  };
}

async function pushImage(
  run: RunProgram,
  layout: ImageLayout,
  options: readonly string[],
  target: ImageName,
): Promise<void> {
  const { stdout } = await run(["pull", `oci:${layout.directory}:${layout.tag}`]);
  await run(["push", ...options, stdout.trim(), `docker://${target.text}`]);
}

async function pushList(
  run: RunProgram,
  layout: ImageLayout,
  options: readonly string[],
  target: ImageName,
): Promise<void> {
  await run(["manifest", "create", "list"]);
  await run(["manifest", "add", "--all", "list", `oci:${layout.directory}:${layout.tag}`]);
  await run(["manifest", "push", "--all", ...options, "list", `docker://${target.text}`]);
}

/** Reads the digests that the storage computed of manifests, configs and unpacked layers. */
async function readStoredDigests(storage: string): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (const list of ["vfs-images/images.json", "vfs-layers/layers.json"]) {
    const text = await readFile(join(storage, list), "utf8");
    for (const [digest] of text.matchAll(/sha256:[0-9a-f]{64}/g)) digests.add(digest);
  }
  return digests;
}
