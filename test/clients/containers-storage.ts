import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageLayout } from "../support/images.ts";
import type { ImageClient, ImageName } from "./client.ts";
import { expectEqual } from "./support/expect.ts";
import type { Output, RunOptions } from "./support/process.ts";
import type { Sandbox } from "./support/sandbox.ts";

/** As root, these programs record the locations of blobs in a shared folder of the machine; a mount hides it from them. */
const HIDE_CACHE =
  'mkdir -p /var/lib/containers/cache && mount --bind "$HOME" /var/lib/containers/cache && exec "$@"';

export type RunProgram = (args: readonly string[], options?: RunOptions) => Promise<Output>;

/** Runs skopeo, podman or buildah in its own mount namespace. */
export function isolated(sandbox: Sandbox, program: string): RunProgram {
  return (args, options) =>
    sandbox.run(["unshare", "--mount", "sh", "-c", HIDE_CACHE, "sh", program, ...args], options);
}

/** podman and buildah share their storage: it unpacks layers, and compresses them again for a push. */
export function createStorageClient(sandbox: Sandbox, name: "podman" | "buildah"): ImageClient {
  const program = `/usr/bin/${name}`;
  const run = isolated(sandbox, program);
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
      return await storedDigests(join(sandbox.directory, "storage"));
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

/** Digests that the storage computed while it stored manifests and configs and unpacked layers. */
async function storedDigests(storage: string): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (const list of ["vfs-images/images.json", "vfs-layers/layers.json"]) {
    const text = await readFile(join(storage, list), "utf8");
    for (const [digest] of text.matchAll(/sha256:[0-9a-f]{64}/g)) digests.add(digest);
  }
  return digests;
}
