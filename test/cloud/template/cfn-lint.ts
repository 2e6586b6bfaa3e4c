import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../clients/support/process.ts";
import { installTools } from "../../clients/support/tools.ts";

const VERSION = "1.58.0";
const FOLDER = join(import.meta.dirname, `../../../.cache/cfn-lint-${VERSION}`);
const PROGRAM = join(FOLDER, "bin/cfn-lint");

/** Package that Debian separates from its Python. */
const VENV = { package: "python3-venv", programs: ["/usr/share/doc/python3-venv"] };

/** Installs cfn-lint from PyPI unless it is installed. @returns its version */
export async function installCfnLint(): Promise<string> {
  if (!(await isThere(PROGRAM))) {
    console.log(`installing cfn-lint ${VERSION}`);
    if (!(await succeeds(["python3", "-c", "import ensurepip"]))) await installTools([VENV]);
    await rm(FOLDER, { recursive: true, force: true });
    await run(["python3", "-m", "venv", FOLDER]);
    await run([join(FOLDER, "bin/pip"), "install", "--quiet", `cfn-lint==${VERSION}`]);
  }
  return (await run([PROGRAM, "--version"])).stdout.trim();
}

/** Ignored rules: CDK adds dependencies that references imply already, which is harmless. */
const IGNORED = ["W3005"];

/** Validates a template for each of the regions. @throws Error with the findings, including warnings */
export async function lint(template: string, regions: readonly string[]): Promise<void> {
  await run([PROGRAM, "--template", template, "--ignore-checks", ...IGNORED, "--regions", ...regions]);
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function succeeds(command: readonly string[]): Promise<boolean> {
  return await run(command).then(
    () => true,
    () => false,
  );
}
