import { errors, type JWTVerifyGetKey } from "jose";
import { RefreshingCache } from "../../concurrency/refreshing-cache.ts";
import { IdentitySourceUnavailableError } from "../fetch-bounded.ts";
import { type DiscoveryOptions, fetchKeys } from "./discovery.ts";
import type { Issuer } from "./issuer.ts";

/** Options for requests to issuers, and the clock of the key cache. */
export interface KeysOptions extends DiscoveryOptions {
  /** Milliseconds of a monotonic clock. */
  monotonicNow(): number;
}

/** Milliseconds after which the keys are fetched again. */
const KEYS_FRESH_MILLISECONDS = 10 * 60_000;
/** Maximum age of cached keys in milliseconds while the issuer is unavailable. */
const KEYS_USABLE_MILLISECONDS = 6 * 60 * 60_000;
/** Minimum interval between two requests. Anyone can send tokens with an unknown `kid`, each of which asks for a refresh. */
const REQUEST_PAUSE_MILLISECONDS = 30_000;
/** Minimum interval between two requests while no keys have been fetched. */
const EMPTY_PAUSE_MILLISECONDS = 2000;

/** A cache of the keys of one issuer. */
export class IssuerKeys {
  readonly #keys: RefreshingCache<JWTVerifyGetKey>;

  constructor(issuer: Issuer, options: KeysOptions) {
    this.#keys = new RefreshingCache({
      load: () =>
        fetchKeys(issuer, options).catch((error: unknown) => Promise.reject(unavailableError(error))),
      monotonicNow: () => options.monotonicNow(),
      freshMilliseconds: KEYS_FRESH_MILLISECONDS,
      usableMilliseconds: KEYS_USABLE_MILLISECONDS,
      pauseMilliseconds: {
        afterSuccess: REQUEST_PAUSE_MILLISECONDS,
        afterFailure: REQUEST_PAUSE_MILLISECONDS,
        whileEmpty: EMPTY_PAUSE_MILLISECONDS,
      },
    });
  }

  /**
   * Returns the key that verifies a token, for jose's `jwtVerify`. An unknown `kid` causes the keys to be fetched again.
   * @throws IdentitySourceUnavailableError when no keys are cached and the issuer is unavailable
   */
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

function unavailableError(error: unknown): IdentitySourceUnavailableError {
  if (error instanceof IdentitySourceUnavailableError) return error;
  return new IdentitySourceUnavailableError("the issuer's keys cannot be fetched", error);
}
