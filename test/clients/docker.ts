import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageLayout } from "../support/images.ts";
import type { ImageClient } from "./client.ts";
import { archiveLayout } from "./layouts.ts";
import { expectEqual, extractMatch } from "./support/expect.ts";
import { type Daemon, startDaemon } from "./support/process.ts";
import type { Sandbox } from "./support/sandbox.ts";

const DOCKERD = "/usr/sbin/dockerd";
const DOCKER = "/usr/bin/docker";

/** Creates a client from Docker with the classic image store, which unpacks layers, and compresses them again for a push. */
export function createDocker(sandbox: Sandbox): ImageClient {
  const socket = `unix://${sandbox.directory}/docker.sock`;
  const docker = async (...args: string[]) => (await sandbox.run([DOCKER, "--host", socket, ...args])).stdout;
  let daemon: Daemon | undefined;
  return {
    name: "docker",
    keeps: "content",
    tools: [{ package: "docker.io", programs: [DOCKER, DOCKERD] }],
    version: async () => (await sandbox.run([DOCKER, "--version"])).stdout,
    start: async () => {
      daemon = await startDockerd(sandbox, socket, () => docker("info"));
    },
    stop: async () => await daemon?.stop(),
    login: async (registry, { username, password }) => {
      const login = ["login", "--username", username, "--password-stdin", registry];
      await sandbox.run([DOCKER, "--host", socket, ...login], { input: password });
    },
    push: async (layout, name) => {
      await docker("load", "--input", await archiveLayout(layout));
      const [only, ...others] = layout.images;
      if (others.length > 0) return await pushList(docker, layout, name.text);
      return await pushImage(docker, only?.config.digest ?? "", name.text);
    },
    pull: async (name, platforms) => {
      await removeImages(docker);
      const digests = new Set<string>();
      for (const platform of platforms) {
        await docker("pull", "--platform", `${platform.os}/${platform.architecture}`, name.text);
        const format = "{{.Id}} {{range .RepoDigests}}{{.}} {{end}}{{range .RootFS.Layers}}{{.}} {{end}}";
        const line = await docker("image", "inspect", "--format", format, name.text);
        for (const [digest] of line.matchAll(/sha256:[0-9a-f]{64}/g)) digests.add(digest);
      }
      return digests;
    },
  };
}

type Docker = (...args: string[]) => Promise<string>;

async function startDockerd(
  sandbox: Sandbox,
  socket: string,
  probe: () => Promise<unknown>,
): Promise<Daemon> {
  const { directory } = sandbox;
  const settings = join(directory, "daemon.json");
  await writeFile(settings, "{}");
  const folders = ["--data-root", `${directory}/data`, "--exec-root", `${directory}/exec`];
  const files = ["--config-file", settings, "--pidfile", `${directory}/docker.pid`, "--host", socket];
  // No container runs, so no network is needed; vfs works on every file system.
  const rest = ["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"];
  return await startDaemon([DOCKERD, ...folders, ...files, ...rest], {
    env: sandbox.env,
    log: join(directory, "dockerd.log"),
    isReady: () =>
      probe().then(
        () => true,
        () => false,
      ),
  });
}

async function pushImage(docker: Docker, id: string, name: string): Promise<string> {
  await docker("tag", id, name);
  return extractMatch(/digest: (sha256:[0-9a-f]{64})/, await docker("push", name));
}

/** Pushes each platform under its own tag and joins them by `docker manifest`: the classic store has no manifest lists. */
async function pushList(docker: Docker, layout: ImageLayout, name: string): Promise<string> {
  const parts: string[] = [];
  for (const image of layout.images) {
    const part = `${name}-${image.platform.architecture}`;
    await pushImage(docker, image.config.digest, part);
    parts.push(part);
  }
  await docker("manifest", "create", "--insecure", name, ...parts);
  return extractMatch(
    /(sha256:[0-9a-f]{64})/,
    await docker("manifest", "push", "--insecure", "--purge", name),
  );
}

async function removeImages(docker: Docker): Promise<void> {
  const ids = (await docker("image", "ls", "--quiet", "--all", "--no-trunc")).split(/\s+/).filter(Boolean);
  if (ids.length > 0) await docker("image", "rm", "--force", ...new Set(ids));
  expectEqual("images left before the pull", await docker("image", "ls", "--quiet", "--all"), "");
}
