import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { PROGRAMS, type ProgramName } from "./programs.ts";

/** The program's executable below the folder, installed with the Go module proxy if it is not there yet. */
export async function installProgram(name: ProgramName, folder: string): Promise<string> {
  const { module, version, form } = PROGRAMS[name];
  const executable = join(folder, `oci-conformance-${version}`);
  if (await exists(executable)) return executable;
  await mkdir(folder, { recursive: true });
  console.log(`installing ${module}@${version}`);
  const install = form === "command" ? installCommand : installTests;
  await install(`${module}@${version}`, folder, executable).catch((cause: unknown) => {
    throw new Error(`${module}@${version} cannot be installed, and there is no ${executable}`, { cause });
  });
  return executable;
}

/**
 * What the Go toolchain wrote into the executable: its module and version. The version is `(devel)` of what was built in a
 * folder of sources: all that `go test` builds, and a command that was not installed by this script.
 */
export async function originOf(executable: string): Promise<string> {
  const information = await go(["version", "-m", executable]);
  const [, module = "unknown", version = "unknown"] = /^\tmod\t(\S+)\t(\S+)/m.exec(information) ?? [];
  return `${module} ${version}`;
}

async function installCommand(module: string, folder: string, executable: string): Promise<void> {
  await go(["install", module], { GOBIN: folder });
  await rename(join(folder, "conformance"), executable);
}

/** `go install` takes no tests, so the module is downloaded, and its tests are compiled where they lie. */
async function installTests(module: string, _: string, executable: string): Promise<void> {
  const folder = parseFolder(await go(["mod", "download", "-json", module]));
  await go(["test", "-C", folder, "-c", "-o", executable, "."]);
}

function parseFolder(json: string): string {
  const download: unknown = JSON.parse(json);
  if (typeof download === "object" && download !== null && "Dir" in download) return String(download.Dir);
  throw new Error(`go mod download names no folder: ${json}`);
}

async function go(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const child = spawn("go", args, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 600_000,
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code !== 0) throw new Error(`go ${args.join(" ")}: ${(errors || output).trim()}`);
  return output;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
