import type { Writable } from "node:stream";
import type { FunctionStats } from "../stats.ts";
import { Random } from "../support/random.ts";
import { WebEnvironment } from "./environment.ts";

/** Minimum number of environments to choose from, so that requests have no affinity to one environment. */
const MIN_ENVIRONMENTS = 2;

/** Options for `Pool`. */
export interface PoolOptions {
  readonly task: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly log: Writable;
  /** Maximum number of concurrent requests per environment. */
  readonly maxConcurrency: number;
  readonly maxEnvironments: number;
  /** Milliseconds after which an environment is replaced by a new one. */
  readonly recycle: number;
  readonly stats: FunctionStats;
}

/**
 * Pool of a web function's environments, which are replaced periodically. A retired environment receives no new requests, and is
 * shut down after its requests in progress. AWS waits for them only on a best-effort basis: fault injection does not wait.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-env-lifecycle.html
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #random = new Random("environments");
  readonly #all = new Set<WebEnvironment>();
  readonly #timer: NodeJS.Timeout;
  #growing: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#retireOne(), options.recycle);
  }

  get pids(): readonly number[] {
    return [...this.#all].filter(({ isAlive }) => isAlive).map(({ pid }) => pid);
  }

  /** Acquires a random environment for one request. @returns undefined when all environments are occupied */
  async acquire(): Promise<WebEnvironment | undefined> {
    for (let tries = 0; tries < 3; tries++) {
      const available = this.#available();
      if (available.length >= MIN_ENVIRONMENTS || !this.#canGrow()) return this.#occupy(available);
      await this.#grow();
    }
    return this.#occupy(this.#available());
  }

  #occupy(available: readonly WebEnvironment[]): WebEnvironment | undefined {
    if (available.length === 0) return undefined;
    const environment = this.#random.pick(available);
    environment.active++;
    return environment;
  }

  /** Releases an environment after a request; a retired environment is shut down after its last request. */
  release(environment: WebEnvironment): void {
    environment.active--;
    shutDownIfRetired(environment);
  }

  /** Kills all environments. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#growing?.catch(() => undefined);
    for (const environment of this.#all) environment.kill();
    await Promise.all([...this.#all].map((environment) => environment.waitForExit()));
  }

  #available(): readonly WebEnvironment[] {
    for (const environment of this.#all) if (!environment.isAlive) this.#all.delete(environment);
    const { maxConcurrency } = this.#options;
    return [...this.#all].filter(({ isRetired: isLeaving, active }) => !isLeaving && active < maxConcurrency);
  }

  #canGrow(): boolean {
    return this.#all.size < Math.max(MIN_ENVIRONMENTS, this.#options.maxEnvironments);
  }

  /** Starts the missing environments, once for all concurrent callers. */
  async #grow(): Promise<void> {
    this.#growing ??= this.#startMissing().finally(() => {
      this.#growing = undefined;
    });
    await this.#growing;
  }

  async #startMissing(): Promise<void> {
    const missing = Math.max(1, MIN_ENVIRONMENTS - this.#available().length);
    await Promise.all(Array.from({ length: missing }, () => this.#start()));
  }

  async #start(): Promise<void> {
    const { stats } = this.#options;
    const begun = performance.now();
    stats.environments++;
    this.#all.add(await WebEnvironment.start(this.#options));
    stats.initMs += Math.round(performance.now() - begun);
  }

  #retireOne(): void {
    const available = this.#available();
    if (available.length === 0) return;
    const retired = this.#random.pick(available);
    retired.isRetired = true;
    shutDownIfRetired(retired);
  }
}

function shutDownIfRetired(environment: WebEnvironment): void {
  if (environment.isRetired && environment.active === 0) environment.shutDown();
}
