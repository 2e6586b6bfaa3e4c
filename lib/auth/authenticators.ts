import { HmacCache } from "../concurrency/hmac-cache.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Identity } from "./identity.ts";

/** Asks one after the other; the first that knows this kind of credentials decides. */
export class FirstOf implements Authenticator {
  readonly #all: readonly Authenticator[];

  constructor(all: readonly Authenticator[]) {
    this.#all = all;
  }

  async authenticate(username: string, password: string, audience?: string): Promise<Identity | undefined> {
    for (const one of this.#all) {
      const identity = await one.authenticate(username, password, audience);
      if (identity !== undefined) return identity;
    }
    return undefined;
  }
}

const IDENTITY_FRESH_MILLISECONDS = 60_000;
const MAX_IDENTITIES = 1000;

export interface CachingOptions {
  now(): Date;
  /** Milliseconds of a clock that never goes back. */
  monotonicNow(): number;
}

/** Spares another authenticator the requests of a client that sends the same credentials each time. */
export class CachingAuthenticator implements Authenticator {
  readonly #inner: Authenticator;
  readonly #options: CachingOptions;
  readonly #known = new HmacCache<{ readonly at: number; readonly identity: Identity }>(MAX_IDENTITIES);

  constructor(inner: Authenticator, options: CachingOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async authenticate(username: string, password: string, audience?: string): Promise<Identity | undefined> {
    const credentials = JSON.stringify([username, password, audience]);
    const at = this.#options.monotonicNow();
    const known = this.#known.get(credentials);
    if (known !== undefined && at - known.at < IDENTITY_FRESH_MILLISECONDS && this.#isValid(known.identity))
      return known.identity;
    const identity = await this.#inner.authenticate(username, password, audience);
    if (identity !== undefined) this.#known.set(credentials, { at, identity });
    return identity;
  }

  #isValid({ notAfter }: Identity): boolean {
    return notAfter === undefined || this.#options.now() < notAfter;
  }
}
