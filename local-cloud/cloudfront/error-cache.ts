import type { HeaderList } from "../headers.ts";

/** Complete response from an origin. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

interface Stored extends StoredResponse {
  readonly until: number;
}

/**
 * Statuses that are cached regardless of the origin's `Cache-Control`. 400, 403, 405, 412 and 415 are cached only if the
 * response has a `max-age`, which the registry never sends.
 */
const ALWAYS_CACHED = new Set([404, 414, 500, 501, 502, 503, 504]);

/** Default TTL: "By default ... CloudFront caches these error responses for 10 seconds". */
const DEFAULT_TTL_SECONDS = 10;

/** Methods whose responses are cached: "CloudFront caches responses to GET and HEAD requests". */
const CACHED_METHODS = new Set(["GET", "HEAD"]);

/**
 * Error response cache of an edge location. With the policy CachingDisabled, the cache key is only the path: it includes neither
 * the query string nor `Authorization`, and GET and HEAD share it.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
export class ErrorCache {
  readonly #ttlSeconds: ReadonlyMap<number, number>;
  readonly #now: () => number;
  readonly #stored = new Map<string, Stored>();

  /**
   * @param ttlSeconds minimum TTLs by status, as the distribution sets them
   * @param now milliseconds
   */
  constructor(ttlSeconds: ReadonlyMap<number, number>, now: () => number) {
    this.#ttlSeconds = ttlSeconds;
    this.#now = now;
  }

  /** @returns the cached error for this request, or undefined when the request must be forwarded to the origin */
  find(method: string, path: string): StoredResponse | undefined {
    if (!CACHED_METHODS.has(method)) return undefined;
    const key = keyOf(path);
    const stored = this.#stored.get(key);
    if (stored !== undefined && stored.until > this.#now()) return stored;
    this.#stored.delete(key);
    return undefined;
  }

  /** Returns whether a response must be stored. */
  mustStore(method: string, status: number): boolean {
    return CACHED_METHODS.has(method) && ALWAYS_CACHED.has(status) && this.#ttlOf(status) > 0;
  }

  /** Stores a response until its TTL expires. */
  store(path: string, response: StoredResponse): void {
    const until = this.#now() + this.#ttlOf(response.status) * 1000;
    this.#stored.set(keyOf(path), { ...response, until });
  }

  #ttlOf(status: number): number {
    return this.#ttlSeconds.get(status) ?? DEFAULT_TTL_SECONDS;
  }
}

function keyOf(path: string): string {
  return path.split("?")[0] ?? path;
}
