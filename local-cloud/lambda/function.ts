import { randomUUID } from "node:crypto";
import type { Writable } from "node:stream";
import type { Chaos } from "../chaos.ts";
import type { FunctionStats } from "../stats.ts";
import type { Concurrency } from "./concurrency.ts";
import { Environment, FunctionError } from "./environment.ts";

/**
 * Maximum size in bytes of an invocation's request and response payloads: "6 MB each for request and response", Lambda quotas.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_PAYLOAD_BYTES = 6_291_456;

/** Options for `LambdaFunction`. */
export interface LambdaOptions {
  readonly name: string;
  readonly task: string;
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Memory in megabytes. */
  readonly memory: number;
  /** Time limit in seconds. */
  readonly timeout: number;
  /** The account's limit, or the function's reserved concurrency. */
  readonly concurrency: Concurrency;
  /** Returns the number of invocations after which a new environment is replaced. */
  lifetime(): number;
  readonly chaos: Chaos;
  readonly stats: FunctionStats;
  readonly log: Writable;
}

/** Lambda rejected an invocation before it reached the function. */
export class InvocationRefusedError extends Error {
  readonly status: 413 | 429;

  constructor(status: 413 | 429, message: string) {
    super(message);
    this.name = "InvocationRefusedError";
    this.status = status;
  }
}

/** Event function with its environments. */
export class LambdaFunction {
  readonly #options: LambdaOptions;
  readonly #idle: Environment[] = [];
  readonly #all = new Map<Environment, number>();

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Invokes the function. @returns the result in JSON @throws InvocationRefusedError @throws FunctionError */
  async invoke(event: string): Promise<string> {
    const { concurrency, stats } = this.#options;
    if (Buffer.byteLength(event) > MAX_PAYLOAD_BYTES)
      throw new InvocationRefusedError(413, "Request must be smaller than 6291456 bytes");
    if (!concurrency.acquire()) {
      stats.throttled++;
      throw new InvocationRefusedError(429, "Rate Exceeded.");
    }
    stats.invocations++;
    try {
      return await this.#run(event);
    } catch (error) {
      stats.failures++;
      throw error;
    } finally {
      concurrency.release();
    }
  }

  /** Kills all environments. */
  async stop(): Promise<void> {
    const all = [...this.#all.keys()];
    for (const environment of all) environment.kill();
    await Promise.all(all.map((environment) => environment.waitForExit()));
  }

  async #run(event: string): Promise<string> {
    const environment = await this.#environment();
    const { stats, chaos } = this.#options;
    const begun = performance.now();
    const cancelKill = chaos.scheduleFault(() => {
      stats.killed++;
      environment.kill();
    });
    try {
      const response = await this.#invokeWithTimeout(environment, event);
      if (Buffer.byteLength(response) > MAX_PAYLOAD_BYTES) {
        const message = "Response payload size exceeded maximum allowed payload size (6291456 bytes).";
        throw new FunctionError("Function.ResponseSizeTooLarge", message);
      }
      return response;
    } finally {
      cancelKill();
      stats.billedMs += Math.ceil(performance.now() - begun);
      this.#release(environment);
    }
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
  async #invokeWithTimeout(environment: Environment, event: string): Promise<string> {
    const { timeout, stats } = this.#options;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      environment.kill();
    }, timeout * 1000);
    try {
      const deadline = Date.now() + timeout * 1000;
      return await environment.invoke({ event, requestId: randomUUID(), deadline });
    } catch (error) {
      if (!isLate) throw error;
      stats.timeouts++;
      throw new FunctionError("Sandbox.Timedout", `Task timed out after ${timeout.toFixed(2)} seconds`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Returns an idle environment, or starts one. */
  async #environment(): Promise<Environment> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isAlive) return idle;
      this.#all.delete(idle);
    }
    return await this.#start();
  }

  async #start(): Promise<Environment> {
    const { task, memory, log, stats } = this.#options;
    const begun = performance.now();
    stats.environments++;
    try {
      const environment = await Environment.start({ variables: this.#variables(), task, memory, log });
      this.#all.set(environment, this.#options.lifetime());
      return environment;
    } finally {
      const ms = performance.now() - begun;
      stats.initMs += Math.round(ms);
      stats.billedMs += Math.ceil(ms);
    }
  }

  /** Returns the variables from the template and from Lambda itself; environments inherit no other variables. */
  #variables(): Record<string, string> {
    const { name, task, handler, memory, variables } = this.#options;
    return {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
      LAMBDA_TASK_ROOT: task,
      _HANDLER: handler,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      ...variables,
    };
  }

  /**
   * Freezes an environment for reuse, or kills it after a runtime failure or at the end of its lifetime. It receives no SIGTERM:
   * the shutdown phase takes "0 ms – A function with no registered extensions", and never interrupts an invocation.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
   */
  #release(environment: Environment): void {
    const lifetime = this.#all.get(environment) ?? 0;
    if (environment.isAlive && environment.served < lifetime) {
      environment.freeze();
      this.#idle.push(environment);
      return;
    }
    environment.kill();
    this.#all.delete(environment);
  }
}
