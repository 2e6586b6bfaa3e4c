import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./process.ts";

/** A package of the Debian distribution. */
interface DebianTool {
  readonly package: string;
  readonly programs: readonly string[];
}

/** A Go program that is built from its module. */
interface GoTool {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** Path of the main package in the module. */
  readonly command: string;
}

/** A program that the suite can install. */
export type Tool = DebianTool | GoTool;

const BIN = join(import.meta.dirname, "../../../.cache/bin");
const BUILD_TIMEOUT_MILLISECONDS = 45 * 60_000;

/** Returns the path of the executable of an installed Go program. */
export function goProgramPath(name: string): string {
  return join(BIN, name);
}

/** Installs the missing tools, and prints their names, because a build can take minutes. */
export async function installTools(tools: readonly Tool[]): Promise<void> {
  await installPackages(tools.filter((tool) => "package" in tool));
  for (const tool of tools) {
    if ("module" in tool && !(await isBuilt(tool))) await build(tool);
  }
}

async function installPackages(tools: readonly DebianTool[]): Promise<void> {
  const missing = new Set<string>();
  for (const tool of tools) {
    const present = await Promise.all(tool.programs.map(exists));
    if (present.includes(false)) missing.add(tool.package);
  }
  if (missing.size === 0) return;
  console.log(`installing the packages ${[...missing].join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...missing];
  // The package lists may be missing or outdated: update them and retry once.
  await run(install, { env, timeout: BUILD_TIMEOUT_MILLISECONDS }).catch(async () => {
    await run(["apt-get", "update"], { env });
    await run(install, { env, timeout: BUILD_TIMEOUT_MILLISECONDS });
  });
}

async function isBuilt(tool: GoTool): Promise<boolean> {
  const program = goProgramPath(tool.name);
  if (!(await exists(program))) return false;
  const { stdout } = await run(["go", "version", "-m", program]);
  return stdout.includes(`\tmod\t${tool.module}\t${tool.version}\t`);
}

/**
 * Builds a Go program in a module that requires it. `go install` would request the list of the module's versions first,
 * which a module proxy does not need to have, and rejects modules with `replace` directives.
 */
async function build(tool: GoTool): Promise<void> {
  console.log(`building ${tool.name} from ${tool.module}@${tool.version}`);
  await mkdir(BIN, { recursive: true });
  const directory = await mkdtemp(join(tmpdir(), "dockless-build-"));
  try {
    await writeFile(
      join(directory, "go.mod"),
      `module build\n\ngo 1.26\n\nrequire ${tool.module} ${tool.version}\n`,
    );
    const goBuild = [
      "go",
      "build",
      "-mod=mod",
      "-trimpath",
      "-ldflags=-s -w",
      "-o",
      goProgramPath(tool.name),
    ];
    await run(["nice", ...goBuild, `${tool.module}/${tool.command}`], {
      cwd: directory,
      env: { ...process.env, CGO_ENABLED: "0" },
      timeout: BUILD_TIMEOUT_MILLISECONDS,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
