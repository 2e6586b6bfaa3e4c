import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";
import { PROGRAMS_FOLDER, ROOT } from "./paths.ts";
import type { Program } from "./server-process.ts";

/** Registry to measure: how to install it, and how to run it on an empty folder. */
export interface Contender {
  readonly name: string;
  /** Heading of its column. */
  readonly title: string;
  /** False for a server that discards pushed bytes and sends others. */
  readonly keepsBytes: boolean;
  install(): Promise<void>;
  program(folder: string, port: number): Promise<Program>;
}

const DISTRIBUTION = { module: "github.com/distribution/distribution/v3/cmd/registry", version: "v3.1.2" };
const ZOT = { module: "zotregistry.dev/zot/v2/cmd/zot", version: "v2.1.17" };

/** Returns `dockless serve` of a source tree. @param name name and heading of its column */
export function docklessOf(name: string, tree: string): Contender {
  return {
    name,
    title: name,
    keepsBytes: true,
    install: async () => {},
    program: async (folder, port) => ({
      file: process.execPath,
      args: [join(tree, "bin/dockless.ts"), "serve", "--port", String(port), "--data", join(folder, "data")],
    }),
  };
}

/** Recommended configuration of distribution for files: descriptors cached in memory, deletion enabled, no access log. */
const distribution: Contender = {
  name: "distribution",
  title: `distribution ${DISTRIBUTION.version}`,
  keepsBytes: true,
  install: () => goInstall(DISTRIBUTION, "registry"),
  program: async (folder, port) => {
    const config = {
      version: 0.1,
      log: { level: "error", accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: join(folder, "data") },
        cache: { blobdescriptor: "inmemory" },
        delete: { enabled: true },
      },
      http: { addr: `127.0.0.1:${port}` },
    };
    const file = await writeConfig(folder, config);
    return {
      file: join(PROGRAMS_FOLDER, "registry"),
      args: ["serve", file],
      env: { OTEL_TRACES_EXPORTER: "none" },
    };
  },
};

/** Minimal configuration of zot, with garbage collection and deduplication; only errors are logged. */
const zot: Contender = {
  name: "zot",
  title: `zot ${ZOT.version}`,
  keepsBytes: true,
  install: () => goInstall(ZOT, "zot"),
  program: async (folder, port) => {
    const config = {
      distSpecVersion: "1.1.1",
      storage: { rootDirectory: join(folder, "data") },
      http: { address: "127.0.0.1", port: String(port) },
      log: { level: "error" },
    };
    return { file: join(PROGRAMS_FOLDER, "zot"), args: ["serve", await writeConfig(folder, config)] };
  },
};

/** Contenders, the project's own server first: the ratios are its figures divided by the others'. */
export const CONTENDERS: readonly Contender[] = [docklessOf("dockless", ROOT), distribution, zot];

/** Writes a configuration as JSON, which both peers read because it is also YAML. */
async function writeConfig(folder: string, config: unknown): Promise<string> {
  const file = join(folder, "config.json");
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** Builds a Go program at the lowest priority; the version is part of the stamp, so that another version is built again. */
async function goInstall(tool: { module: string; version: string }, name: string): Promise<void> {
  const stamp = join(PROGRAMS_FOLDER, `.${name}-${tool.version}`);
  if (existsSync(stamp) && existsSync(join(PROGRAMS_FOLDER, name))) return;
  process.stderr.write(`building ${name} ${tool.version}, which takes several minutes on first use\n`);
  await run("nice", ["go", "install", "-buildvcs=false", `${tool.module}@${tool.version}`], {
    env: { GOBIN: PROGRAMS_FOLDER },
  });
  await writeFile(stamp, "");
}
