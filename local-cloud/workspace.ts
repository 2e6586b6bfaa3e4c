import { createWriteStream } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";

/** Folders for the functions' code and logs. */
export class Workspace {
  readonly #folder: string;
  readonly #logs: string;

  private constructor(folder: string, logs: string) {
    this.#folder = folder;
    this.#logs = logs;
  }

  /** Creates the folders. */
  static async create(logs: string): Promise<Workspace> {
    await mkdir(logs, { recursive: true });
    return new Workspace(await mkdtemp(join(tmpdir(), "dockless-cloud-")), logs);
  }

  /** Copies code out of this package: on Lambda, there is no `package.json` in a parent folder to define the module type. */
  async unpack(code: string, name: string): Promise<string> {
    const task = join(this.#folder, name);
    await cp(code, task, { recursive: true });
    return task;
  }

  /** Opens the log of a function. */
  log(name: string): Writable {
    return createWriteStream(join(this.#logs, `${name}.log`));
  }

  /** Deletes the code; the logs are kept. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
