/** Prints a line for each completed case, and counts them. */
export class Report {
  #passed = 0;
  #failed = 0;

  /** @param run returns the measured figures, and throws when the case fails */
  async case(name: string, run: () => Promise<string>): Promise<void> {
    const begun = performance.now();
    const line = await run().then(
      (figures) => this.#pass(figures),
      (error: unknown) => this.#fail(error),
    );
    console.log(
      `${line.verdict} ${name}: ${line.text} [${((performance.now() - begun) / 1000).toFixed(1)} s]`,
    );
  }

  /** @returns the exit code */
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

/** @throws Error that names the first of the problems */
export function requireNone(problems: readonly string[], figures: string): string {
  if (problems.length === 0) return figures;
  const shown = problems.slice(0, 10).map((problem) => `\n         - ${problem}`);
  throw new Error(`${problems.length} problems; ${figures}${shown.join("")}`);
}
