import { errors, type JWTVerifyGetKey } from "jose";
import { IdentitySourceUnavailableError } from "../ask.ts";
import { type DiscoveryOptions, fetchKeys } from "./discovery.ts";
import type { Issuer } from "./issuer.ts";

export interface KeysOptions extends DiscoveryOptions {
  now(): Date;
}

/** Milliseconds for which keys are taken for the issuer's without asking again. */
const FRESH = 10 * 60_000;
/** For which they are while the issuer cannot be asked. */
const USABLE = 6 * 60 * 60_000;
/** Between two questions, whatever tokens say: strangers can make up a `kid` as often as they like. */
const PAUSE = 30_000;
/** The same while there are no keys at all. */
const PAUSE_WITHOUT = 2000;

/** The keys of one issuer, kept in memory. */
export class IssuerKeys {
  readonly #fetch: () => Promise<JWTVerifyGetKey>;
  readonly #now: () => number;
  #held: { readonly keys: JWTVerifyGetKey; readonly at: number } | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #failure: unknown;

  constructor(issuer: Issuer, options: KeysOptions) {
    this.#fetch = () => fetchKeys(issuer, options);
    this.#now = () => options.now().getTime();
  }

  /** For jose's `jwtVerify`. @throws IdentitySourceUnavailableError when there are no keys, and none to be had */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#age() >= FRESH) await this.#askOnce();
    const keys = this.#usable();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#askOnce();
      return await this.#usable()(header, token);
    }
  };

  #age(): number {
    return this.#held === undefined ? Number.POSITIVE_INFINITY : this.#now() - this.#held.at;
  }

  #usable(): JWTVerifyGetKey {
    if (this.#held !== undefined && this.#age() < USABLE) return this.#held.keys;
    if (this.#failure instanceof IdentitySourceUnavailableError) {
      throw new IdentitySourceUnavailableError(this.#failure.message, this.#failure);
    }
    throw new IdentitySourceUnavailableError("the issuer's keys cannot be had", this.#failure);
  }

  /** Requests that come meanwhile wait for the same answer. A failure is remembered, not thrown. */
  async #askOnce(): Promise<void> {
    const pause = this.#held === undefined ? PAUSE_WITHOUT : PAUSE;
    if (this.#asking === undefined && this.#now() - this.#askedAt < pause) return;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    await this.#asking;
  }

  async #ask(): Promise<void> {
    this.#askedAt = this.#now();
    try {
      this.#held = { keys: await this.#fetch(), at: this.#now() };
    } catch (error) {
      this.#failure = error;
    }
  }
}
