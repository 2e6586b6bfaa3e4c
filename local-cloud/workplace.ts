import { createWriteStream } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";

/** Where the code of functions lies while they run, and what they print is kept. */
export class Workplace {
  readonly #folder: string;
  readonly #logs: string;

  private constructor(folder: string, logs: string) {
    this.#folder = folder;
    this.#logs = logs;
  }

  static async create(logs: string): Promise<Workplace> {
    await mkdir(logs, { recursive: true });
    return new Workplace(await mkdtemp(join(tmpdir(), "dockless-cloud-")), logs);
  }

  /** A copy outside of this package: on Lambda, no `package.json` above tells what kind of module a file is. */
  async unpack(code: string, name: string): Promise<string> {
    const task = join(this.#folder, name);
    await cp(code, task, { recursive: true });
    return task;
  }

  log(name: string): Writable {
    return createWriteStream(join(this.#logs, `${name}.log`));
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
