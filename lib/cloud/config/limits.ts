import { parseWhole, withField } from "./field.ts";

/** Bounds on what requests can cost: docs/limits.md#what-strangers-can-cost */
export interface Limits {
  /** Requests per second to the web function. */
  readonly webFunctionRateLimit: number;
  /** Maximum number of concurrent web function environments. */
  readonly webFunctionMaxEnvironments: number;
  /** Requests per second to API Gateway, for each route. */
  readonly apiRateLimit: number;
  /** Burst of requests above that rate that API Gateway accepts. */
  readonly apiBurstLimit: number;
}

const MAX_API_RATE = 100_000;

/**
 * Maximum number of concurrent requests per web function environment. All uploads of an environment share 512 MiB for parts,
 * of 2 GB of memory.
 */
export const MAX_CONCURRENCY_PER_ENVIRONMENT = 16;

/** Parsers for the limits and for the event functions' concurrency. */
export const LIMIT_FIELDS = {
  webFunctionRateLimit: parseWebFunctionRate,
  webFunctionMaxEnvironments: (value: unknown) => parseWhole(value, 2, 10_000),
  apiRateLimit: (value: unknown) => parseWhole(value, 1, MAX_API_RATE),
  apiBurstLimit: (value: unknown) => parseWhole(value, 1, MAX_API_RATE),
  reservedConcurrency: (value: unknown) => parseWhole(value, 1, 100_000),
} satisfies Record<keyof Limits | "reservedConcurrency", (value: unknown) => number>;

/** Returns valid limits. @throws RangeError prefixed with the name of the invalid limit */
export function limitsOf({
  webFunctionRateLimit = 1000,
  webFunctionMaxEnvironments = 50,
  apiRateLimit = 500,
  apiBurstLimit = 1000,
}: Partial<Limits>): Limits {
  const limits = { webFunctionRateLimit, webFunctionMaxEnvironments, apiRateLimit, apiBurstLimit };
  const names = Object.keys(limits) as (keyof Limits)[];
  for (const name of names) withField(name, () => LIMIT_FIELDS[name](limits[name]));
  return limits;
}

/**
 * Parses a rate that Lambda accepts: "`100` through `1000` in increments of 100, and `2000` through `10000` in increments of 1000".
 * @see https://docs.aws.amazon.com/lambda/latest/lambda-web/API_ThrottleConfig.html
 */
function parseWebFunctionRate(value: unknown): number {
  const rate = parseWhole(value, 100, 10_000);
  if (rate % (rate <= 1000 ? 100 : 1000) === 0) return rate;
  throw new RangeError(`must be a multiple of 100 up to 1000, or of 1000 up to 10000, not ${rate}`);
}
