import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BACKENDS, type Backend, type RunningRegistry } from "../support/backends.ts";
import { Client } from "../support/client.ts";

/** A registry under test, which runs for the duration of a suite. */
export class TestContext {
  readonly isRemote: boolean;
  readonly #backend: Backend;
  /** Prefix of the repositories of this run, so that a suite can be repeated on the same registry. */
  readonly #run = `test/${Date.now().toString(36)}${Math.floor(Math.random() * 36 ** 4).toString(36)}`;
  #running: RunningRegistry | undefined;
  #client: Client | undefined;
  #repositories = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.isRemote = backend.isRemote;
  }

  async open(): Promise<void> {
    this.#running = await this.#backend.start();
    this.#client = new Client(this.#running.url);
  }

  async close(): Promise<void> {
    this.#client?.close();
    await this.#running?.stop();
  }

  get registry(): RunningRegistry {
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

/** Runs a suite on each backend, and asserts that no request has caused a server error. */
export function forEachBackend(
  title: string,
  suite: (context: TestContext) => void,
  backends = BACKENDS,
): void {
  describe.each(backends)(`${title}, on $name:`, (backend) => {
    const context = new TestContext(backend);
    beforeAll(() => context.open());
    afterAll(() => context.close());
    suite(context);
    it.runIf(!backend.isRemote)("no request has caused a server error", () => {
      expect(context.registry.defects.map(describeDefect)).toEqual([]);
    });
  });
}

function describeDefect(defect: unknown): string {
  return defect instanceof Error ? (defect.stack ?? defect.message) : String(defect);
}
