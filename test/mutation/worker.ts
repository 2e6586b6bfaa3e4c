import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Failure, FileCoverage, Selection } from "./session.ts";

/** Request to a child process. */
export type Request =
  | { readonly kind: "list" }
  | { readonly kind: "cover"; readonly file: string }
  | {
      readonly kind: "run";
      readonly active: number;
      readonly selections: readonly Selection[];
      /** Processor time after which the child ends itself. */
      readonly limitMilliseconds: number;
    };

type Reply = { readonly value: unknown } | { readonly error: string };

/** Error for tests that exceeded a time limit. */
export class TimeLimitError extends Error {}

/** A separate process that runs tests, because an infinite loop stops only when its process ends. */
export class Worker {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts a process and waits until it is ready. @param mode "record" isolates modules, "mutate" reuses them */
  static async start(
    module: string,
    mode: "record" | "mutate",
    environment: Readonly<Record<string, string>>,
  ): Promise<Worker> {
    const child = fork(join(import.meta.dirname, "child.ts"), [module, mode], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced",
    });
    const worker = new Worker(child);
    await worker.#reply(START_TIMEOUT_MILLISECONDS);
    return worker;
  }

  /** Lists the test files that import a source file of the module. */
  async listTests(): Promise<readonly string[]> {
    return (await this.#request({ kind: "list" }, START_TIMEOUT_MILLISECONDS)) as readonly string[];
  }

  /** Records the coverage of a test file. */
  async cover(file: string): Promise<FileCoverage> {
    return (await this.#request({ kind: "cover", file }, COVER_TIMEOUT_MILLISECONDS)) as FileCoverage;
  }

  /**
   * Runs tests with one mutant.
   *
   * @returns the first failure; undefined when all pass
   * @param limitMilliseconds limit of processor time, which other work on the machine does not affect
   * @throws TimeLimitError after the limit; the worker has stopped then
   */
  async run(
    active: number,
    selections: readonly Selection[],
    limitMilliseconds: number,
  ): Promise<Failure | undefined> {
    const request = { kind: "run", active, selections, limitMilliseconds } as const;
    const result = await this.#request(request, RUN_TIMEOUT_MILLISECONDS);
    return (result as { readonly failure?: Failure }).failure;
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  async #request(request: Request, limitMilliseconds: number): Promise<unknown> {
    this.#child.send(request);
    return await this.#reply(limitMilliseconds);
  }

  async #reply(limitMilliseconds: number): Promise<unknown> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), limitMilliseconds);
    const end = new AbortController();
    const { signal } = end;
    try {
      const reply = await Promise.race([
        once(this.#child, "message", { signal }).then(([message]) => message as Reply),
        once(this.#child, "exit", { signal }).then(() => undefined),
      ]);
      if (reply === undefined) throw new TimeLimitError("the test process ended");
      if ("error" in reply) throw new Error(reply.error);
      return reply.value;
    } finally {
      clearTimeout(timer);
      end.abort();
    }
  }
}

const START_TIMEOUT_MILLISECONDS = 300_000;
const COVER_TIMEOUT_MILLISECONDS = 600_000;
const RUN_TIMEOUT_MILLISECONDS = 900_000;
