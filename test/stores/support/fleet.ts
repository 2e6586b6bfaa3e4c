import { setTimeout as sleep } from "node:timers/promises";
import type { AwsLocation } from "../../../local-cloud/support/aws-location.ts";
import type { Random } from "../../../local-cloud/support/random.ts";
import { withCleanup } from "../../soak/cleanup.ts";
import { startRoundRobin, type Witnessed } from "../../support/round-robin.ts";
import type { RunningServer } from "../../support/server.ts";
import { startReplica } from "./replicas.ts";

const STARTS = 5;

/** Options for `Fleet`. */
export interface FleetOptions {
  readonly location: AwsLocation;
  readonly redirect: boolean;
  readonly size: number;
  readonly witness?: (request: Witnessed) => void;
}

/** Several servers on one bucket and table, behind a proxy without affinity. */
export class Fleet {
  /** URL of the proxy. */
  url = "";
  kills = 0;
  readonly #options: FleetOptions;
  readonly #servers: RunningServer[] = [];

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  get pids(): readonly number[] {
    return this.#servers.map(({ pid }) => pid);
  }

  async start(): Promise<() => Promise<void>> {
    const { size, witness } = this.#options;
    while (this.#servers.length < size) this.#servers.push(await this.#startOne());
    const proxy = await startRoundRobin(() => this.#servers.map(({ url }) => url), witness);
    this.url = proxy.url;
    return async () => {
      await proxy.stop();
      await Promise.all(this.#servers.map((server) => server.dispose()));
    };
  }

  /** Kills servers in turn with SIGKILL, and starts replacements. */
  async killUntil(isOver: () => boolean, random: Random): Promise<void> {
    while (!isOver()) {
      await sleep(random.between(500, 4000));
      const index = random.between(0, this.#servers.length - 1);
      const [victim] = this.#servers.splice(index, 1);
      await victim?.stop("SIGKILL");
      await victim?.dispose();
      this.kills++;
      this.#servers.push(await this.#restartOne());
    }
  }

  /** Starts a server, with retries: a server does not start while its stores fail, and would be restarted in production. */
  async #restartOne(): Promise<RunningServer> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#startOne();
      } catch (error) {
        if (tries >= STARTS) throw error;
      }
    }
  }

  #startOne(): Promise<RunningServer> {
    return startReplica(this.#options.location, this.#options.redirect);
  }
}

/** Runs work with a fleet. */
export async function withFleet<T>(options: FleetOptions, work: (fleet: Fleet) => Promise<T>): Promise<T> {
  const fleet = new Fleet(options);
  return await withCleanup(await fleet.start(), () => work(fleet));
}
