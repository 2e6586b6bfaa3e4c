/** Report of a suite: prints one line per case when it ends, and counts the results. */
export class Report {
  #passed = 0;
  #failed = 0;

  /** Runs a case and prints its result. @param run returns the measured figures, and throws when the case fails */
  async case(name: string, run: () => Promise<string>): Promise<void> {
    const start = performance.now();
    const line = await run().then(
      (figures) => this.#pass(figures),
      (error: unknown) => this.#fail(error),
    );
    console.log(
      `${line.verdict} ${name}: ${line.text} [${((performance.now() - start) / 1000).toFixed(1)} s]`,
    );
  }

  /** Prints the counts. @returns the exit code: 0 when cases passed and none failed */
  end(): number {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 && this.#passed > 0 ? 0 : 1;
  }

  #pass(text: string) {
    this.#passed++;
    return { verdict: "ok    ", text };
  }

  #fail(error: unknown) {
    this.#failed++;
    return { verdict: "FAILED", text: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (${messageOf(error.cause)})`;
  return `${error.message}${cause}`;
}

/** Returns the figures when there are no problems. @throws Error with the number of problems and the first ten */
export function requireNone(problems: readonly string[], figures: string): string {
  if (problems.length === 0) return figures;
  const shown = problems.slice(0, 10).map((problem) => `\n         - ${problem}`);
  throw new Error(`${problems.length} problems; ${figures}${shown.join("")}`);
}
