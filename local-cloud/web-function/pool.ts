import type { Writable } from "node:stream";
import type { FunctionStats } from "../stats.ts";
import { Random } from "../support/random.ts";
import { WebEnvironment } from "./environment.ts";

/** Requests have no affinity, so there are always several to choose from. */
const LEAST = 2;

export interface PoolOptions {
  readonly task: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly log: Writable;
  /** Requests that one environment works on at once. */
  readonly maxConcurrency: number;
  readonly maxEnvironments: number;
  /** Milliseconds after which an environment is replaced by a new one. */
  readonly recycle: number;
  readonly stats: FunctionStats;
}

/**
 * The environments of a web function, which come and go. One that is to end gets no new requests; those under way finish here,
 * while AWS promises that on a best-effort basis alone.
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

  /** @returns one at random that now works on a request more; undefined when there can be none */
  async take(): Promise<WebEnvironment | undefined> {
    for (let tries = 0; tries < 3; tries++) {
      const able = this.#able();
      if (able.length >= LEAST || !this.#mayGrow()) return this.#occupy(able);
      await this.#grow();
    }
    return this.#occupy(this.#able());
  }

  #occupy(able: readonly WebEnvironment[]): WebEnvironment | undefined {
    if (able.length === 0) return undefined;
    const environment = this.#random.pick(able);
    environment.active++;
    return environment;
  }

  /** After a request; one that is to leave does so with its last. */
  release(environment: WebEnvironment): void {
    environment.active--;
    endIfLeft(environment);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#growing?.catch(() => undefined);
    for (const environment of this.#all) environment.kill();
    await Promise.all([...this.#all].map((environment) => environment.ended()));
  }

  #able(): readonly WebEnvironment[] {
    for (const environment of this.#all) if (!environment.isAlive) this.#all.delete(environment);
    const { maxConcurrency } = this.#options;
    return [...this.#all].filter(({ isLeaving, active }) => !isLeaving && active < maxConcurrency);
  }

  #mayGrow(): boolean {
    return this.#all.size < Math.max(LEAST, this.#options.maxEnvironments);
  }

  /** As many as are missing, once for all who wait. */
  async #grow(): Promise<void> {
    this.#growing ??= this.#startMissing().finally(() => {
      this.#growing = undefined;
    });
    await this.#growing;
  }

  async #startMissing(): Promise<void> {
    const missing = Math.max(1, LEAST - this.#able().length);
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
    const able = this.#able();
    if (able.length === 0) return;
    const leaving = this.#random.pick(able);
    leaving.isLeaving = true;
    endIfLeft(leaving);
  }
}

function endIfLeft(environment: WebEnvironment): void {
  if (environment.isLeaving && environment.active === 0) environment.kill();
}
