import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { HOMES, type Home, type RunningHome } from "../support/homes.ts";

/** A registry under test, running from before a suite's first test until after its last. */
export class Lab {
  readonly isRemote: boolean;
  readonly #home: Home;
  /** No two runs share a repository, so that a suite can be run again on the same registry. */
  readonly #run = `test/${Date.now().toString(36)}${Math.floor(Math.random() * 36 ** 4).toString(36)}`;
  #running: RunningHome | undefined;
  #client: Client | undefined;
  #repositories = 0;

  constructor(home: Home) {
    this.#home = home;
    this.isRemote = home.isRemote;
  }

  async open(): Promise<void> {
    this.#running = await this.#home.start();
    this.#client = new Client(this.#running.url);
  }

  async close(): Promise<void> {
    this.#client?.close();
    await this.#running?.stop();
  }

  get home(): RunningHome {
    if (this.#running === undefined) throw new Error("the registry is not running yet");
    return this.#running;
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error("the registry is not running yet");
    return this.#client;
  }

  /** A name that no other test uses. */
  newRepository(): string {
    this.#repositories += 1;
    return `${this.#run}/${this.#repositories}`;
  }
}

/** Runs a suite in every home, and demands of each that no request met a failure of the registry's own. */
export function inEveryHome(title: string, suite: (lab: Lab) => void, homes = HOMES): void {
  describe.each(homes)(`${title}, in $name:`, (home) => {
    const lab = new Lab(home);
    beforeAll(() => lab.open());
    afterAll(() => lab.close());
    suite(lab);
    it.runIf(!home.isRemote)("no request met a failure of the registry's own", () => {
      expect(lab.home.defects.map(describeDefect)).toEqual([]);
    });
  });
}

function describeDefect(defect: unknown): string {
  return defect instanceof Error ? (defect.stack ?? defect.message) : String(defect);
}
