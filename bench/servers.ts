import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";
import { BIN, ROOT } from "./paths.ts";
import type { Program } from "./server-process.ts";

/** A registry to measure: how to get it, and how to run it on an empty folder. */
export interface Contender {
  readonly name: string;
  /** The heading of its column. */
  readonly title: string;
  /** False for one that throws pushed bytes away and sends others. */
  readonly keepsBytes: boolean;
  install(): Promise<void>;
  program(home: string, port: number): Promise<Program>;
}

const DISTRIBUTION = { module: "github.com/distribution/distribution/v3/cmd/registry", version: "v3.1.2" };
const ZOT = { module: "zotregistry.dev/zot/v2/cmd/zot", version: "v2.1.17" };

/** `dockless serve` of a source tree. @param name the heading of its column, too */
export function docklessOf(name: string, tree: string): Contender {
  return {
    name,
    title: name,
    keepsBytes: true,
    install: async () => {},
    program: async (home, port) => ({
      file: process.execPath,
      args: [join(tree, "bin/dockless.ts"), "serve", "--port", String(port), "--data", join(home, "data")],
    }),
  };
}

/** Its own recommended configuration for files: descriptors cached in memory, deletion on; no log of requests. */
const distribution: Contender = {
  name: "distribution",
  title: `distribution ${DISTRIBUTION.version}`,
  keepsBytes: true,
  install: () => goInstall(DISTRIBUTION, "registry"),
  program: async (home, port) => {
    const config = {
      version: 0.1,
      log: { level: "error", accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: join(home, "data") },
        cache: { blobdescriptor: "inmemory" },
        delete: { enabled: true },
      },
      http: { addr: `127.0.0.1:${port}` },
    };
    const file = await writeConfig(home, config);
    return { file: join(BIN, "registry"), args: ["serve", file], env: { OTEL_TRACES_EXPORTER: "none" } };
  },
};

/** Its minimal configuration, in which garbage collection and deduplication are on; only errors are logged. */
const zot: Contender = {
  name: "zot",
  title: `zot ${ZOT.version}`,
  keepsBytes: true,
  install: () => goInstall(ZOT, "zot"),
  program: async (home, port) => {
    const config = {
      distSpecVersion: "1.1.1",
      storage: { rootDirectory: join(home, "data") },
      http: { address: "127.0.0.1", port: String(port) },
      log: { level: "error" },
    };
    return { file: join(BIN, "zot"), args: ["serve", await writeConfig(home, config)] };
  },
};

/** The project's own server first: the ratios are its figures divided by the others'. */
export const CONTENDERS: readonly Contender[] = [docklessOf("dockless", ROOT), distribution, zot];

/** JSON is YAML too, so both peers read it. */
async function writeConfig(home: string, config: unknown): Promise<string> {
  const file = join(home, "config.json");
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** Builds at the lowest priority; the version is part of the stored name, so that another one is built anew. */
async function goInstall(tool: { module: string; version: string }, name: string): Promise<void> {
  const stamp = join(BIN, `.${name}-${tool.version}`);
  if (existsSync(stamp) && existsSync(join(BIN, name))) return;
  process.stderr.write(`building ${name} ${tool.version}, which takes minutes the first time\n`);
  await run("nice", ["go", "install", "-buildvcs=false", `${tool.module}@${tool.version}`], {
    env: { GOBIN: BIN },
  });
  await writeFile(stamp, "");
}
