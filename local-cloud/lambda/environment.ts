import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Invocation, RuntimeMessage } from "./messages.ts";

const RUNTIME_PROGRAM = new URL("runtime.ts", import.meta.url);

/** Options for `Environment.start`. */
export interface EnvironmentOptions {
  readonly variables: Readonly<Record<string, string>>;
  /** Folder that contains the code. */
  readonly task: string;
  /** Memory in megabytes. */
  readonly memory: number;
  readonly log: Writable;
}

/** An invocation failed with this error. */
export class FunctionError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.name = "FunctionError";
    this.type = type;
  }
}

/**
 * Execution environment: a process that handles one event at a time, and is frozen in between.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class Environment {
  readonly #child: ChildProcess;
  #isFrozen = false;
  /** Number of invocations so far. */
  served = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts the process. @throws FunctionError when the code cannot be loaded */
  static async start({ variables, task, memory, log }: EnvironmentOptions): Promise<Environment> {
    const child = fork(RUNTIME_PROGRAM, {
      cwd: task,
      env: { ...variables },
      execArgv: [`--max-old-space-size=${memory}`, "--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    const environment = new Environment(child);
    try {
      await environment.#nextMessage();
      return environment;
    } catch (error) {
      environment.kill();
      throw error;
    }
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Invokes the handler. @returns the result in JSON @throws FunctionError */
  async invoke(invocation: Invocation): Promise<string> {
    this.#thaw();
    this.served++;
    const message = this.#nextMessage();
    this.#child.send(invocation);
    const response = await message;
    return "payload" in response ? response.payload : "null";
  }

  /** Suspends the process between invocations: neither timers nor sockets make progress. */
  freeze(): void {
    if (!this.isAlive || this.#isFrozen) return;
    this.#isFrozen = true;
    this.#child.kill("SIGSTOP");
  }

  /** Kills the process. */
  kill(): void {
    if (this.isAlive) this.#child.kill("SIGKILL");
  }

  /** Waits until the process has exited. */
  async waitForExit(): Promise<void> {
    if (this.isAlive) await once(this.#child, "exit");
  }

  #thaw(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    this.#child.kill("SIGCONT");
  }

  /** Waits for the next message from the runtime. */
  async #nextMessage(): Promise<RuntimeMessage> {
    const child = this.#child;
    const done = new AbortController();
    const { signal } = done;
    const message: Promise<RuntimeMessage[]> = once(child, "message", { signal });
    const ended = once(child, "exit", { signal }).then(([code, signalName]) => {
      throw new FunctionError("Runtime.ExitError", `Runtime exited: ${signalName ?? code}`);
    });
    try {
      const [response] = await Promise.race([message, ended]);
      if (response === undefined) throw new FunctionError("Runtime.ExitError", "Runtime sent no message");
      if ("errorType" in response) throw new FunctionError(response.errorType, response.errorMessage);
      return response;
    } finally {
      done.abort();
      await Promise.allSettled([message, ended]);
    }
  }
}
