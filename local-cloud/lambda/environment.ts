import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Invocation, Told } from "./messages.ts";

const RUNTIME = new URL("runtime.ts", import.meta.url);

export interface EnvironmentOptions {
  readonly variables: Readonly<Record<string, string>>;
  /** The folder with the code. */
  readonly task: string;
  /** Megabytes. */
  readonly memory: number;
  readonly log: Writable;
}

/** What ended an invocation instead of an answer. */
export class FunctionError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.name = "FunctionError";
    this.type = type;
  }
}

/**
 * One execution environment: a process that handles one event at a time, and is frozen in between.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class Environment {
  readonly #child: ChildProcess;
  #isFrozen = false;
  served = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** @throws FunctionError when the code cannot be loaded */
  static async start({ variables, task, memory, log }: EnvironmentOptions): Promise<Environment> {
    const child = fork(RUNTIME, {
      cwd: task,
      env: { ...variables },
      execArgv: [`--max-old-space-size=${memory}`, "--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    const environment = new Environment(child);
    try {
      await environment.#next();
      return environment;
    } catch (error) {
      environment.kill();
      throw error;
    }
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** @returns the answer, in JSON @throws FunctionError */
  async invoke(invocation: Invocation): Promise<string> {
    this.#thaw();
    this.served++;
    const told = this.#next();
    this.#child.send(invocation);
    const answer = await told;
    return "payload" in answer ? answer.payload : "null";
  }

  /** Nothing runs between invocations, neither timers nor what reads from sockets. */
  freeze(): void {
    if (!this.isAlive || this.#isFrozen) return;
    this.#isFrozen = true;
    this.#child.kill("SIGSTOP");
  }

  kill(): void {
    if (this.isAlive) this.#child.kill("SIGKILL");
  }

  async ended(): Promise<void> {
    if (this.isAlive) await once(this.#child, "exit");
  }

  #thaw(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    this.#child.kill("SIGCONT");
  }

  /** What the runtime tells next. */
  async #next(): Promise<Told> {
    const child = this.#child;
    const done = new AbortController();
    const { signal } = done;
    const told: Promise<Told[]> = once(child, "message", { signal });
    const ended = once(child, "exit", { signal }).then(([code, signalName]) => {
      throw new FunctionError("Runtime.ExitError", `Runtime exited: ${signalName ?? code}`);
    });
    try {
      const [answer] = await Promise.race([told, ended]);
      if (answer === undefined) throw new FunctionError("Runtime.ExitError", "Runtime said nothing");
      if ("errorType" in answer) throw new FunctionError(answer.errorType, answer.errorMessage);
      return answer;
    } finally {
      done.abort();
      await Promise.allSettled([told, ended]);
    }
  }
}
