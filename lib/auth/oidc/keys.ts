import { errors, type JWTVerifyGetKey } from "jose";
import { RefreshingCache } from "../../concurrency/refreshing-cache.ts";
import { IdentitySourceUnavailableError } from "../ask.ts";
import { type DiscoveryOptions, fetchKeys } from "./discovery.ts";
import type { Issuer } from "./issuer.ts";

export interface KeysOptions extends DiscoveryOptions {
  /** Milliseconds of a clock that never goes back. */
  monotonicNow(): number;
}

/** Milliseconds for which keys are taken for the issuer's without asking again. */
const KEYS_FRESH_MILLISECONDS = 10 * 60_000;
/** For which they are while the issuer cannot be asked. */
const KEYS_USABLE_MILLISECONDS = 6 * 60 * 60_000;
/** Between two requests, whatever tokens say: strangers can make up a `kid` as often as they like. */
const REQUEST_PAUSE_MILLISECONDS = 30_000;
/** The same while there are no keys at all. */
const EMPTY_PAUSE_MILLISECONDS = 2000;

/** The keys of one issuer, kept in memory. */
export class IssuerKeys {
  readonly #keys: RefreshingCache<JWTVerifyGetKey>;

  constructor(issuer: Issuer, options: KeysOptions) {
    this.#keys = new RefreshingCache({
      load: () => fetchKeys(issuer, options).catch((error: unknown) => Promise.reject(unavailable(error))),
      monotonicNow: () => options.monotonicNow(),
      freshFor: KEYS_FRESH_MILLISECONDS,
      usableFor: KEYS_USABLE_MILLISECONDS,
      pauses: {
        afterSuccess: REQUEST_PAUSE_MILLISECONDS,
        afterFailure: REQUEST_PAUSE_MILLISECONDS,
        whileEmpty: EMPTY_PAUSE_MILLISECONDS,
      },
    });
  }

  /** For jose's `jwtVerify`. @throws IdentitySourceUnavailableError when there are no keys, and none to be had */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#keys.get();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const refreshed = await this.#keys.refresh();
      return await refreshed(header, token);
    }
  };
}

function unavailable(error: unknown): IdentitySourceUnavailableError {
  if (error instanceof IdentitySourceUnavailableError) return error;
  return new IdentitySourceUnavailableError("the issuer's keys cannot be had", error);
}
