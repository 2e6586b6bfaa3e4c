import { createHmac, randomBytes } from "node:crypto";
import { BoundedMap } from "../concurrency/bounded-map.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Identity } from "./identity.ts";

/** Asks one after the other; the first that knows this kind of credentials decides. */
export class FirstOf implements Authenticator {
  readonly #all: readonly Authenticator[];

  constructor(all: readonly Authenticator[]) {
    this.#all = all;
  }

  async authenticate(username: string, password: string): Promise<Identity | undefined> {
    for (const one of this.#all) {
      const identity = await one.authenticate(username, password);
      if (identity !== undefined) return identity;
    }
    return undefined;
  }
}

/** Milliseconds. */
const REMEMBERED = 60_000;
const SIZE = 1000;

/** Spares others from being asked again for each request of a client that sends the same credentials each time. */
export class Remembering implements Authenticator {
  readonly #inner: Authenticator;
  readonly #now: () => Date;
  readonly #key = randomBytes(32);
  readonly #known = new BoundedMap<{ readonly until: number; readonly identity: Identity }>(SIZE);

  constructor(inner: Authenticator, now: () => Date) {
    this.#inner = inner;
    this.#now = now;
  }

  async authenticate(username: string, password: string): Promise<Identity | undefined> {
    const pair = JSON.stringify([username, password]);
    const name = createHmac("sha256", this.#key).update(pair).digest("base64");
    const time = this.#now().getTime();
    const known = this.#known.get(name);
    if (known !== undefined && time < known.until) return known.identity;
    const identity = await this.#inner.authenticate(username, password);
    if (identity !== undefined) {
      const until = Math.min(time + REMEMBERED, identity.notAfter?.getTime() ?? Number.POSITIVE_INFINITY);
      this.#known.set(name, { until, identity });
    }
    return identity;
  }
}
