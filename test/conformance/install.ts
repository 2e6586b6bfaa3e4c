import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { go } from "./go.ts";
import { PROGRAMS, type ProgramName } from "./programs.ts";

/** Locations of the programs. */
export interface ProgramLocations {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the user's cache of executables, outside of the checkout, so that all checkouts share it. */
  readonly cache: string;
  /** Installs a program at a path. @default the Go toolchain, with the module proxy */
  readonly install?: (name: ProgramName, executable: string) => Promise<void>;
}

/**
 * Finds a program's executable: the one that the environment names, or else the cached one. Installs it if it is missing.
 *
 * @returns its path
 * @throws Error with the fix when the named file is missing, or when the installation fails
 */
export async function findProgram(name: ProgramName, places: ProgramLocations): Promise<string> {
  const { version, variable } = PROGRAMS[name];
  const named = places.environment[variable];
  if (named !== undefined && named !== "") {
    if (!(await isFile(named))) throw new Error(`${variable} names a missing file: ${named}`);
    return named;
  }
  const executable = join(places.cache, `oci-conformance-${version}`);
  if (await isFile(executable)) return executable;
  await mkdir(places.cache, { recursive: true });
  const install = places.install ?? installProgram;
  await install(name, executable).catch((cause: unknown) => {
    throw createInstallError(name, executable, cause);
  });
  return executable;
}

function createInstallError(name: ProgramName, executable: string, cause: unknown): Error {
  const { module, version, variable } = PROGRAMS[name];
  const advice = `set ${variable} to the path of the program, or put it at ${executable}`;
  return new Error(`${module}@${version} cannot be installed: ${advice}`, { cause });
}

/**
 * Reads the module and version that the Go toolchain wrote into an executable. The version is `(devel)` when it was built
 * in a folder of sources: by `go test`, or by hand.
 */
export async function readBuildInfo(executable: string): Promise<string> {
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

/** Downloads a module and compiles its tests, which `go install` cannot do. */
async function installTests(module: string, executable: string): Promise<void> {
  const folder = parseFolder(await go(["mod", "download", "-json", module]));
  await go(["test", "-C", folder, "-c", "-o", executable, "."]);
}

function parseFolder(json: string): string {
  const download: unknown = JSON.parse(json);
  if (typeof download === "object" && download !== null && "Dir" in download) return String(download.Dir);
  throw new Error(`output of go mod download has no Dir: ${json}`);
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
