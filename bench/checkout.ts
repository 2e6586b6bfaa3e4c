import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";
import { ROOT, SCRATCH } from "./paths.ts";

const LOCKFILE = "package-lock.json";
const DEPENDENCIES = "node_modules";
const ABBREVIATED_HASH_LENGTH = 7;

/** Files of a commit with their dependencies, which are deleted on disposal. */
export interface Checkout extends AsyncDisposable {
  /** Abbreviated hash of the commit. */
  readonly name: string;
  readonly folder: string;
}

/** Resolves a revision. @returns the full hash of its commit @throws Error when it does not exist */
export async function resolveCommit(revision: string, repository = ROOT): Promise<string> {
  const args = ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`];
  try {
    return (await run("git", ["-C", repository, ...args])).trim();
  } catch (cause) {
    const advice = "name one of this repository, and fetch it first if the clone is shallow";
    throw new Error(`--against ${revision}: commit not found: ${advice}`, { cause });
  }
}

/** Checks out a commit in a git worktree below `parent`, and replaces what an interrupted run left there. */
export async function checkOut(commit: string, repository = ROOT, parent = SCRATCH): Promise<Checkout> {
  const folder = join(parent, `commit-${commit}`);
  await rm(folder, { recursive: true, force: true });
  await run("git", ["-C", repository, "worktree", "add", "--force", "--detach", "--quiet", folder, commit]);
  const remove = async () => {
    await run("git", ["-C", repository, "worktree", "remove", "--force", folder]);
  };
  try {
    await installDependencies(repository, folder);
  } catch (error) {
    await remove();
    throw error;
  }
  return { name: commit.slice(0, ABBREVIATED_HASH_LENGTH), folder, [Symbol.asyncDispose]: remove };
}

/** Hard-links the repository's dependencies when the lockfiles are equal, and installs them otherwise. */
async function installDependencies(repository: string, folder: string): Promise<void> {
  const lockfile = async (parent: string) => await readFile(join(parent, LOCKFILE), "utf8");
  if ((await lockfile(repository)) !== (await lockfile(folder))) {
    process.stderr.write(`installing the dependencies of ${folder}, whose ${LOCKFILE} differs\n`);
    await run("nice", ["npm", "ci", "--no-audit", "--no-fund"], { cwd: folder });
    return;
  }
  const linked = join(folder, DEPENDENCIES);
  await run("cp", ["--archive", "--link", join(repository, DEPENDENCIES), linked]);
  // Compiled code of the repository; the checkout compiles its own.
  await rm(join(linked, ".cache"), { recursive: true, force: true });
}
