import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkOut, resolveCommit } from "../../bench/checkout.ts";
import { run } from "../../bench/command.ts";
import { newFolder } from "../support/folder.ts";

/** A dependency in the repository itself, so that npm installs it without a network. */
const DEPENDENCY = { local: "file:local" };
const LOCKFILE = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    "": { dependencies: DEPENDENCY },
    local: { version: "1.0.0" },
    "node_modules/local": { resolved: "local", link: true },
  },
});
/** npm takes seconds to start on a busy machine. */
const NPM_TIMEOUT_MS = 60_000;

let folder: Awaited<ReturnType<typeof newFolder>>;
let repository: string;
let parent: string;

beforeEach(async () => {
  folder = await newFolder();
  repository = join(folder.path, "repository");
  parent = join(folder.path, "cache");
  await run("git", ["init", "--quiet", repository]);
  await write("package.json", JSON.stringify({ dependencies: DEPENDENCY }));
  await write("local/package.json", JSON.stringify({ name: "local", version: "1.0.0" }));
  await write("package-lock.json", LOCKFILE);
  await write("server.ts", "first");
  await commit();
  await write("server.ts", "second");
  await commit();
  await write("node_modules/lmdb/index.js", "dependency");
  await write("node_modules/.cache/compile/code", "compiled");
});

afterEach(async () => {
  await folder.remove();
});

async function git(...args: readonly string[]): Promise<string> {
  const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  return await run("git", ["-C", repository, ...author, ...args]);
}

async function write(path: string, text: string): Promise<void> {
  const file = join(repository, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text);
}

async function commit(): Promise<void> {
  await git("add", "--all", ":!node_modules");
  await git("commit", "--quiet", "--message", "change");
}

describe("resolveCommit", () => {
  it("returns the commit hash of a revision", async () => {
    expect(await resolveCommit("HEAD~1", repository)).toBe((await git("rev-parse", "HEAD~1")).trim());
  });

  it.each([
    ["an unknown hash", "4b4d766"],
    ["an unknown name", "no-such-branch"],
    ["a file", "HEAD:server.ts"],
    ["an option", "--all"],
    ["nothing", ""],
  ])("rejects %s in one line", async (_, revision) => {
    const message = `--against ${revision}: commit not found: `;
    await expect(resolveCommit(revision, repository)).rejects.toThrow(message);
    await expect(resolveCommit(revision, repository)).rejects.not.toThrow("\n");
  });
});

describe("checkOut", () => {
  it("provides the commit's files with hard links to the dependencies, and removes them afterwards", async () => {
    const commit = await resolveCommit("HEAD~1", repository);
    let left: string;
    {
      await using checkout = await checkOut(commit, repository, parent);
      left = checkout.folder;
      expect(checkout.name).toBe(commit.slice(0, 7));
      expect(await readFile(join(left, "server.ts"), "utf8")).toBe("first");
      const inode = async (tree: string) => (await stat(join(tree, "node_modules/lmdb/index.js"))).ino;
      expect(await inode(left)).toBe(await inode(repository));
      expect(existsSync(join(left, "node_modules/.cache"))).toBe(false);
    }
    expect(existsSync(left)).toBe(false);
    expect(await git("worktree", "list", "--porcelain")).not.toContain(left);
    expect(existsSync(join(repository, "node_modules/.cache/compile/code"))).toBe(true);
  });

  it(
    "installs the dependencies of a commit whose lockfile differs",
    async () => {
      const commit = await resolveCommit("HEAD", repository);
      await write("package-lock.json", `${LOCKFILE}\n`);
      await using checkout = await checkOut(commit, repository, parent);
      expect(await readdir(join(checkout.folder, "node_modules"))).toContain("local");
      expect(existsSync(join(checkout.folder, "node_modules/lmdb"))).toBe(false);
    },
    NPM_TIMEOUT_MS,
  );

  it("replaces the remains of an interrupted run", async () => {
    const commit = await resolveCommit("HEAD", repository);
    const { folder: left } = await checkOut(commit, repository, parent);
    await writeFile(join(left, "server.ts"), "changed");
    await using checkout = await checkOut(commit, repository, parent);
    expect(checkout.folder).toBe(left);
    expect(await readFile(join(left, "server.ts"), "utf8")).toBe("second");
  });

  it(
    "removes the worktree when the dependencies cannot be installed",
    async () => {
      await write("package-lock.json", "no JSON");
      await commit();
      const broken = await resolveCommit("HEAD", repository);
      await write("package-lock.json", LOCKFILE);
      await expect(checkOut(broken, repository, parent)).rejects.toThrow("npm ci");
      expect(await git("worktree", "list", "--porcelain")).not.toContain(parent);
    },
    NPM_TIMEOUT_MS,
  );
});
