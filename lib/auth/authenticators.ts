import { HmacCache } from "../concurrency/hmac-cache.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Identity } from "./identity.ts";

/** Tries authenticators in order; the first one that handles the kind of credentials decides. */
export class AuthenticatorChain implements Authenticator {
  readonly #authenticators: readonly Authenticator[];

  constructor(authenticators: readonly Authenticator[]) {
    this.#authenticators = authenticators;
  }

  async authenticate(username: string, password: string, audience?: string): Promise<Identity | undefined> {
    for (const authenticator of this.#authenticators) {
      const identity = await authenticator.authenticate(username, password, audience);
      if (identity !== undefined) return identity;
    }
    return undefined;
  }
}

/** Milliseconds for which an authenticated identity is cached. */
const IDENTITY_LIFETIME_MILLISECONDS = 60_000;
const MAX_CACHED_IDENTITIES = 1000;

/** The clocks of a `CachingAuthenticator`. */
export interface CachingOptions {
  now(): Date;
  /** Milliseconds of a monotonic clock. */
  monotonicNow(): number;
}

/** Caches the identities of another authenticator, for clients that send the same credentials with each request. */
export class CachingAuthenticator implements Authenticator {
  readonly #inner: Authenticator;
  readonly #options: CachingOptions;
  readonly #identities = new HmacCache<{ readonly at: number; readonly identity: Identity }>(
    MAX_CACHED_IDENTITIES,
  );

  constructor(inner: Authenticator, options: CachingOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async authenticate(username: string, password: string, audience?: string): Promise<Identity | undefined> {
    const credentials = JSON.stringify([username, password, audience]);
    const at = this.#options.monotonicNow();
    const cached = this.#identities.get(credentials);
    if (
      cached !== undefined &&
      at - cached.at < IDENTITY_LIFETIME_MILLISECONDS &&
      this.#isValid(cached.identity)
    )
      return cached.identity;
    const identity = await this.#inner.authenticate(username, password, audience);
    if (identity !== undefined) this.#identities.set(credentials, { at, identity });
    return identity;
  }

  #isValid({ notAfter }: Identity): boolean {
    return notAfter === undefined || this.#options.now() < notAfter;
  }
}
