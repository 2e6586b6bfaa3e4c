import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { RUNTIMES, type RunningRuntime, type Runtime } from "../support/runtimes.ts";

/** A registry under test, which runs for the duration of a suite. */
export class Lab {
  readonly isRemote: boolean;
  readonly #runtime: Runtime;
  /** Prefix of the repositories of this run, so that a suite can be repeated on the same registry. */
  readonly #run = `test/${Date.now().toString(36)}${Math.floor(Math.random() * 36 ** 4).toString(36)}`;
  #running: RunningRuntime | undefined;
  #client: Client | undefined;
  #repositories = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.isRemote = runtime.isRemote;
  }

  async open(): Promise<void> {
    this.#running = await this.#runtime.start();
    this.#client = new Client(this.#running.url);
  }

  async close(): Promise<void> {
    this.#client?.close();
    await this.#running?.stop();
  }

  get runtime(): RunningRuntime {
    if (this.#running === undefined) throw new Error("the registry is not running yet");
    return this.#running;
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error("the registry is not running yet");
    return this.#client;
  }

  /** Returns the name of a repository that no other test uses. */
  newRepository(): string {
    this.#repositories += 1;
    return `${this.#run}/${this.#repositories}`;
  }
}

/** Runs a suite in every runtime, and asserts that no request has caused a server error. */
export function inEveryRuntime(title: string, suite: (lab: Lab) => void, runtimes = RUNTIMES): void {
  describe.each(runtimes)(`${title}, in $name:`, (runtime) => {
    const lab = new Lab(runtime);
    beforeAll(() => lab.open());
    afterAll(() => lab.close());
    suite(lab);
    it.runIf(!runtime.isRemote)("no request has caused a server error", () => {
      expect(lab.runtime.defects.map(describeDefect)).toEqual([]);
    });
  });
}

function describeDefect(defect: unknown): string {
  return defect instanceof Error ? (defect.stack ?? defect.message) : String(defect);
}
