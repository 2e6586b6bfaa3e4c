import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Outcome of the tests of a mutant. */
export type Outcome = "killed" | "timeout" | "survived";

/** Result of the tests of a mutant. */
export interface Result {
  readonly key: string;
  readonly outcome: Outcome;
  /** Hash of the source file of the mutant. */
  readonly source: string;
  /** Hash of all sources and tests. */
  readonly world: string;
  /** Test that failed. */
  readonly test?: string;
  readonly message?: string;
}

/** Results of earlier runs, stored as one line of JSON each; the last one of a mutant is valid. */
export class Results {
  readonly #path: string;
  readonly #byKey: Map<string, Result>;

  private constructor(path: string, byKey: Map<string, Result>) {
    this.#path = path;
    this.#byKey = byKey;
  }

  /** Opens the results, without the last line if an interrupted run did not finish it. */
  static async open(path: string): Promise<Results> {
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, "utf8").catch(() => "");
    const lines = text.split("\n").slice(0, -1);
    if (!text.endsWith("\n")) await writeFile(path, lines.map((line) => `${line}\n`).join(""));
    const results = lines.map((line) => JSON.parse(line) as Result);
    return new Results(path, new Map(results.map((result) => [result.key, result])));
  }

  /**
   * Finds a result that is still valid: nothing changed, or the mutant's file is unchanged and the test that failed still
   * reaches it.
   *
   * @param tests tests that reach the mutant now
   */
  find(key: string, source: string, world: string, tests: readonly string[]): Result | undefined {
    const result = this.#byKey.get(key);
    if (result === undefined || result.source !== source) return undefined;
    if (result.world === world) return result;
    return result.test !== undefined && tests.includes(result.test) ? result : undefined;
  }

  /** Adds a result and appends it to the file. */
  async add(result: Result): Promise<void> {
    this.#byKey.set(result.key, result);
    await appendFile(this.#path, `${JSON.stringify(result)}\n`);
  }
}
