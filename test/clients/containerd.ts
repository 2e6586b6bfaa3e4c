import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageClient } from "./client.ts";
import { archiveLayout, hashBlobs } from "./layouts.ts";
import { expectEqual } from "./support/expect.ts";
import { type Daemon, startDaemon } from "./support/process.ts";
import type { Sandbox } from "./support/sandbox.ts";

const CONTAINERD = "/usr/bin/containerd";
const CTR = "/usr/bin/ctr";

/** Creates a client from containerd and its command `ctr`. Its content store keeps blobs unchanged. */
export function createContainerd(sandbox: Sandbox): ImageClient {
  const address = join(sandbox.directory, "containerd.sock");
  const blobs = join(sandbox.directory, "root/io.containerd.content.v1.content/blobs");
  const ctr = async (...args: string[]) => (await sandbox.run([CTR, "--address", address, ...args])).stdout;
  let user: string[] = [];
  let daemon: Daemon | undefined;
  return {
    name: "containerd",
    keeps: "blobs",
    tools: [{ package: "containerd", programs: [CONTAINERD, CTR] }],
    version: async () => (await sandbox.run([CONTAINERD, "--version"])).stdout,
    start: async () => {
      daemon = await startContainerd(sandbox, address, () => ctr("version"));
    },
    stop: async () => await daemon?.stop(),
    // ctr does not store credentials.
    login: async (_registry, { username, password }) => {
      user = ["--user", `${username}:${password}`];
    },
    push: async (layout, name) => {
      const importArgs = ["images", "import", "--all-platforms", "--no-unpack", "--base-name", "imported"];
      await ctr(...importArgs, await archiveLayout(layout));
      await ctr("images", "tag", "--force", `imported:${layout.tag}`, name.text);
      await ctr("images", "push", "--plain-http", ...user, name.text);
      return layout.root.digest;
    },
    pull: async (name) => {
      await removeImages(ctr, blobs);
      const snapshotter = ["--snapshotter", "native"];
      await ctr("images", "pull", "--plain-http", "--all-platforms", ...snapshotter, ...user, name.text);
      return await hashBlobs(blobs);
    },
  };
}

type Ctr = (...args: string[]) => Promise<string>;

async function startContainerd(
  sandbox: Sandbox,
  address: string,
  probe: () => Promise<unknown>,
): Promise<Daemon> {
  const { directory } = sandbox;
  const settings = join(directory, "containerd.toml");
  await writeFile(settings, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
  const folders = ["--root", join(directory, "root"), "--state", join(directory, "state")];
  return await startDaemon([CONTAINERD, "--config", settings, "--address", address, ...folders], {
    env: sandbox.env,
    log: join(directory, "containerd.log"),
    isReady: () =>
      probe().then(
        () => true,
        () => false,
      ),
  });
}

/** Removes all images. `--sync` waits for the garbage collection of their blobs. */
async function removeImages(ctr: Ctr, blobs: string): Promise<void> {
  const names = (await ctr("images", "ls", "--quiet")).split(/\s+/).filter(Boolean);
  if (names.length > 0) await ctr("images", "rm", "--sync", ...names);
  const remaining = await readdir(join(blobs, "sha256")).catch(() => []);
  expectEqual("blobs left before the pull", remaining.join(" "), "");
}
