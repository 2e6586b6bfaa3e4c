import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Output, type RunOptions, run } from "./process.ts";

/** A folder with the credentials, settings and storage of one client, separate from the user's. */
export interface Sandbox {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** PEM file of the certificate authority of a registry with TLS; undefined for one that speaks plain HTTP. */
  readonly authority: string | undefined;
  /** Runs a program with the environment of the sandbox. */
  run(command: readonly string[], options?: Omit<RunOptions, "env">): Promise<Output>;
  /** Creates or empties a folder in the sandbox. @returns its path */
  folder(name: string): Promise<string>;
  /** Deletes the folder of the sandbox. */
  dispose(): Promise<void>;
}

/**
 * Creates a sandbox. Its environment variables contain the paths of credentials, settings and storage of all clients, so
 * that the user's own are neither read nor written. An unreachable proxy makes requests beyond loopback fail; Go never
 * uses a proxy for loopback.
 */
export async function createSandbox(directory: string, authority?: string): Promise<Sandbox> {
  const home = join(directory, "home");
  const settings = join(home, ".config/containers");
  const credentials = join(home, ".docker/config.json");
  await Promise.all(
    [settings, join(home, ".docker"), join(directory, "tmp"), join(directory, "run")].map((path) =>
      mkdir(path, { recursive: true }),
    ),
  );
  await writeFile(credentials, '{"auths":{}}');
  await writeContainersSettings(settings, directory);
  const unreachableProxy = "http://127.0.0.1:9";
  const env = {
    PATH: process.env["PATH"],
    LANG: "C.UTF-8",
    HOME: home,
    TMPDIR: join(directory, "tmp"),
    XDG_RUNTIME_DIR: join(directory, "run"),
    DOCKER_CONFIG: join(home, ".docker"),
    REGISTRY_AUTH_FILE: credentials,
    CONTAINERS_CONF: join(settings, "containers.conf"),
    CONTAINERS_STORAGE_CONF: join(settings, "storage.conf"),
    CONTAINERS_REGISTRIES_CONF: join(settings, "registries.conf"),
    // Password of the key, and the feature flag of `cosign attach` for the referrers API.
    COSIGN_PASSWORD: "",
    COSIGN_EXPERIMENTAL: "1",
    HTTP_PROXY: unreachableProxy,
    HTTPS_PROXY: unreachableProxy,
    NO_PROXY: "127.0.0.1,localhost",
    // Go's certificate authorities, in place of the system's.
    ...(authority === undefined ? {} : { SSL_CERT_FILE: authority }),
  };
  return {
    directory,
    env,
    authority,
    run: (command, options) => run(command, { ...options, env }),
    folder: (name) => emptyFolder(join(directory, name)),
    dispose: () => removeTree(directory),
  };
}

/** Writes the settings of podman, buildah and skopeo: containers-storage.conf(5), containers.conf(5), containers-policy.json(5). */
async function writeContainersSettings(settings: string, directory: string): Promise<void> {
  const storage = `driver = "vfs"\ngraphroot = "${directory}/storage"\nrunroot = "${directory}/run/storage"\n`;
  await writeFile(join(settings, "storage.conf"), `[storage]\n${storage}`);
  await writeFile(join(settings, "containers.conf"), `[engine]\ntmp_dir = "${directory}/run/libpod"\n`);
  await writeFile(join(settings, "registries.conf"), "");
  await writeFile(join(settings, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}');
}

async function emptyFolder(path: string): Promise<string> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return path;
}

/** Deletes a folder after unmounting what daemons have left mounted in it. */
async function removeTree(directory: string): Promise<void> {
  const mounts = await readFile("/proc/self/mounts", "utf8");
  const below = mounts
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${directory}/`));
  for (const path of below.reverse()) await run(["umount", "--lazy", path]);
  await rm(directory, { recursive: true, force: true });
}
