import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

/** Files and folders that tests read. */
const COPIED_PATHS = [
  "access.schema.json",
  "bench",
  "bin",
  "docs",
  "functions",
  "lib",
  "local-cloud",
  "package.json",
];
/** The tests, and the files that they need to run. */
const COPIED_TEST_PATHS = ["test", "tsconfig.json", "vitest.config.ts"];

/** A copy of the sources, in which one file at a time is changed, so that the sources are never changed. */
export class Checkout {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Copies the sources into a temporary folder. */
  static async create(): Promise<Checkout> {
    const path = await mkdtemp(join(tmpdir(), "dockless-spec-"));
    for (const name of [...COPIED_PATHS, ...COPIED_TEST_PATHS]) {
      await cp(join(ROOT, name), join(path, name), { recursive: true });
    }
    await symlink(join(ROOT, "node_modules"), join(path, "node_modules"));
    return new Checkout(path);
  }

  /** Changes a file while work runs, and restores it afterwards. */
  async withChange<T>(file: string, change: (text: string) => string, work: () => Promise<T>): Promise<T> {
    const path = join(this.path, file);
    const text = await readFile(path, "utf8");
    await writeFile(path, change(text));
    try {
      return await work();
    } finally {
      await writeFile(path, text);
    }
  }

  /** Deletes the copy. */
  async dispose(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
