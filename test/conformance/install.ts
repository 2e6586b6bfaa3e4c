import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { go } from "./go.ts";
import { PROGRAMS, type ProgramName } from "./programs.ts";

export interface Places {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's cache of executables, outside the checkout so that all checkouts share it. */
  readonly cache: string;
  /** Installs the program at the path. @default with the Go toolchain, through the module proxy */
  readonly install?: (name: ProgramName, executable: string) => Promise<void>;
}

/**
 * Finds the program's executable: the one that the environment names, otherwise the cached one, otherwise a new installation.
 *
 * @returns its path
 * @throws Error with instructions when it cannot be found or installed
 */
export async function findProgram(name: ProgramName, places: Places): Promise<string> {
  const { version, variable } = PROGRAMS[name];
  const named = places.environment[variable];
  if (named !== undefined && named !== "") {
    if (!(await isFile(named))) throw new Error(`${variable} names ${named}, and there is no such file`);
    return named;
  }
  const executable = join(places.cache, `oci-conformance-${version}`);
  if (await isFile(executable)) return executable;
  await mkdir(places.cache, { recursive: true });
  const install = places.install ?? installProgram;
  await install(name, executable).catch((cause: unknown) => {
    throw explain(name, executable, cause);
  });
  return executable;
}

function explain(name: ProgramName, executable: string, cause: unknown): Error {
  const { module, version, variable } = PROGRAMS[name];
  const advice = `set ${variable} to the path of the program, or put it at ${executable}`;
  return new Error(`${module}@${version} cannot be installed: ${advice}`, { cause });
}

/**
 * Returns the module and version that the Go toolchain recorded in the executable. The version is `(devel)` for a build from
 * a source folder: everything that `go test` builds, and any command that this script did not install.
 */
export async function originOf(executable: string): Promise<string> {
  const information = await go(["version", "-m", executable]);
  const [, module = "unknown", version = "unknown"] = /^\tmod\t(\S+)\t(\S+)/m.exec(information) ?? [];
  return `${module} ${version} (${executable})`;
}

async function installProgram(name: ProgramName, executable: string): Promise<void> {
  const { module, version, form } = PROGRAMS[name];
  console.log(`installing ${module}@${version}`);
  const install = form === "command" ? installCommand : installTests;
  await install(`${module}@${version}`, executable);
}

async function installCommand(module: string, executable: string): Promise<void> {
  const folder = join(executable, "..");
  await go(["install", module], { GOBIN: folder });
  await rename(join(folder, "conformance"), executable);
}

/** `go install` does not build tests, so the module is downloaded and its tests are compiled in place. */
async function installTests(module: string, executable: string): Promise<void> {
  const folder = parseFolder(await go(["mod", "download", "-json", module]));
  await go(["test", "-C", folder, "-c", "-o", executable, "."]);
}

function parseFolder(json: string): string {
  const download: unknown = JSON.parse(json);
  if (typeof download === "object" && download !== null && "Dir" in download) return String(download.Dir);
  throw new Error(`go mod download names no folder: ${json}`);
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
