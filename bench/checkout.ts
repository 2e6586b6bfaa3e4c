import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";
import { ROOT, SCRATCH } from "./paths.ts";

const LOCKFILE = "package-lock.json";
const DEPENDENCIES = "node_modules";
const ABBREVIATED_LENGTH = 7;

/** A commit's files with their dependencies, which are removed when disposed of. */
export interface Checkout extends AsyncDisposable {
  /** The abbreviated hash of the commit. */
  readonly name: string;
  readonly folder: string;
}

/** @returns the full hash of the commit that a revision names. @throws Error when there is none */
export async function resolveCommit(revision: string, repository = ROOT): Promise<string> {
  const args = ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`];
  try {
    return (await run("git", ["-C", repository, ...args])).trim();
  } catch (cause) {
    const advice = "name one of this repository, and fetch it first if the clone is shallow";
    throw new Error(`--against ${revision}: commit not found: ${advice}`, { cause });
  }
}

/** Checks a commit out in a git worktree below `parent`, in place of what an interrupted run left there. */
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
  return { name: commit.slice(0, ABBREVIATED_LENGTH), folder, [Symbol.asyncDispose]: remove };
}

/** Hard-links those of the repository when the lockfiles are equal, and installs them otherwise. */
async function installDependencies(repository: string, folder: string): Promise<void> {
  const lockfile = async (parent: string) => await readFile(join(parent, LOCKFILE), "utf8");
  if ((await lockfile(repository)) !== (await lockfile(folder))) {
    process.stderr.write(`installing the dependencies of ${folder}, whose ${LOCKFILE} differs\n`);
    await run("nice", ["npm", "ci", "--no-audit", "--no-fund"], { cwd: folder });
    return;
  }
  const linked = join(folder, DEPENDENCIES);
  await run("cp", ["--archive", "--link", join(repository, DEPENDENCIES), linked]);
  // Compiled code of the repository: the commit compiles its own.
  await rm(join(linked, ".cache"), { recursive: true, force: true });
}
